// A perceptron 1024-4096-1024 whose weights are inputs:
//   y = relu(x @ w1 + b1) @ w2 + b2
// The names in loc(...) are those of the model's operations: what stands under one name is one
// kernel of the analyzer's baseline.
uop.var @batch in [1, 65536]

func.func @main(%x: tensor<?x1024xf32, #uop.dims<batch, 1024>> {tg.name = "x"},
                %w1: tensor<1024x4096xf32> {tg.name = "w1"},
                %b1: tensor<4096xf32> {tg.name = "b1"},
                %w2: tensor<4096x1024xf32> {tg.name = "w2"},
                %b2: tensor<1024xf32> {tg.name = "b2"})
    -> (tensor<?x1024xf32, #uop.dims<batch, 1024>> {tg.name = "y"}) {
  // dense1: h[i, j] = sum over k of x[i, k] * w1[k, j]
  %x1 = uop.reshape %x : tensor<?x1024xf32, #uop.dims<batch, 1024>> -> tensor<?x1024x1xf32, #uop.dims<batch, 1024, 1>> loc("dense1")
  %x2 = uop.expand %x1 : tensor<?x1024x1xf32, #uop.dims<batch, 1024, 1>> -> tensor<?x1024x4096xf32, #uop.dims<batch, 1024, 4096>> loc("dense1")
  %u1 = uop.reshape %w1 : tensor<1024x4096xf32> -> tensor<1x1024x4096xf32> loc("dense1")
  %u2 = uop.expand %u1 : tensor<1x1024x4096xf32> -> tensor<?x1024x4096xf32, #uop.dims<batch, 1024, 4096>> loc("dense1")
  %p1 = uop.mul %x2, %u2 : tensor<?x1024x4096xf32, #uop.dims<batch, 1024, 4096>> loc("dense1")
  %h1 = uop.reduce add %p1 axes [1] : (tensor<?x1024x4096xf32, #uop.dims<batch, 1024, 4096>>) -> tensor<?x4096xf32, #uop.dims<batch, 4096>> loc("dense1")

  %c1 = uop.reshape %b1 : tensor<4096xf32> -> tensor<1x4096xf32> loc("bias1")
  %d1 = uop.expand %c1 : tensor<1x4096xf32> -> tensor<?x4096xf32, #uop.dims<batch, 4096>> loc("bias1")
  %h2 = uop.add %h1, %d1 : tensor<?x4096xf32, #uop.dims<batch, 4096>> loc("bias1")

  %z1 = uop.const dense<0.0> : tensor<1x1xf32> loc("relu")
  %zero = uop.expand %z1 : tensor<1x1xf32> -> tensor<?x4096xf32, #uop.dims<batch, 4096>> loc("relu")
  %h3 = uop.max %h2, %zero : tensor<?x4096xf32, #uop.dims<batch, 4096>> loc("relu")

  // dense2
  %y1 = uop.reshape %h3 : tensor<?x4096xf32, #uop.dims<batch, 4096>> -> tensor<?x4096x1xf32, #uop.dims<batch, 4096, 1>> loc("dense2")
  %y2 = uop.expand %y1 : tensor<?x4096x1xf32, #uop.dims<batch, 4096, 1>> -> tensor<?x4096x1024xf32, #uop.dims<batch, 4096, 1024>> loc("dense2")
  %v1 = uop.reshape %w2 : tensor<4096x1024xf32> -> tensor<1x4096x1024xf32> loc("dense2")
  %v2 = uop.expand %v1 : tensor<1x4096x1024xf32> -> tensor<?x4096x1024xf32, #uop.dims<batch, 4096, 1024>> loc("dense2")
  %p2 = uop.mul %y2, %v2 : tensor<?x4096x1024xf32, #uop.dims<batch, 4096, 1024>> loc("dense2")
  %y3 = uop.reduce add %p2 axes [1] : (tensor<?x4096x1024xf32, #uop.dims<batch, 4096, 1024>>) -> tensor<?x1024xf32, #uop.dims<batch, 1024>> loc("dense2")

  %c2 = uop.reshape %b2 : tensor<1024xf32> -> tensor<1x1024xf32> loc("bias2")
  %d2 = uop.expand %c2 : tensor<1x1024xf32> -> tensor<?x1024xf32, #uop.dims<batch, 1024>> loc("bias2")
  %y = uop.add %y3, %d2 : tensor<?x1024xf32, #uop.dims<batch, 1024>> loc("bias2")
  return %y : tensor<?x1024xf32, #uop.dims<batch, 1024>>
}
