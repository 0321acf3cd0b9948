// RUN: tg-opt %s -verify-diagnostics -split-input-file

func.func @reshape_count(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{'uop.reshape' op keeps the number of elements, got 'tensor<2x3xf32>' and 'tensor<7xf32>'}}
  %0 = uop.reshape %x : tensor<2x3xf32> -> tensor<7xf32>
  return
}

// -----

func.func @reshape_symbolic(%x: tensor<?x3xf32, #uop.dims<N, 3>>) {
  // expected-error @+1 {{'uop.reshape' op keeps the number of elements}}
  %0 = uop.reshape %x : tensor<?x3xf32, #uop.dims<N, 3>> -> tensor<?xf32, #uop.dims<N * 2>>
  return
}

// -----

func.func @reshape_type(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{'uop.reshape' op keeps the element type, got 'f32' and 'f16'}}
  %0 = uop.reshape %x : tensor<2x3xf32> -> tensor<6xf16>
  return
}

// -----

func.func @reshape_overflow(%x: tensor<4611686018427387904x4xi8>) {
  // expected-error @+1 {{'uop.reshape' op number of elements overflows 64 bits}}
  %0 = uop.reshape %x : tensor<4611686018427387904x4xi8> -> tensor<1xi8>
  return
}

// -----

func.func @permute_count(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{expected 2 permuted axes, got 1}}
  // expected-error @+1 {{'uop.permute' op failed to infer returned types}}
  %0 = uop.permute %x [0] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @permute_twice(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{expected a permutation of 0 to 1}}
  // expected-error @+1 {{'uop.permute' op failed to infer returned types}}
  %0 = uop.permute %x [0, 0] : tensor<2x3xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @permute_range(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{expected a permutation of 0 to 1}}
  // expected-error @+1 {{'uop.permute' op failed to infer returned types}}
  %0 = uop.permute %x [-1, 5] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @permute_result(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{'uop.permute' op inferred type(s) 'tensor<3x2xf32>' are incompatible with return type(s) of operation 'tensor<2x3xf32>'}}
  // expected-error @+1 {{'uop.permute' op failed to infer returned types}}
  %0 = uop.permute %x [1, 0] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @expand_type(%x: tensor<1xf32>) {
  // expected-error @+1 {{'uop.expand' op keeps the element type, got 'f32' and 'f16'}}
  %0 = uop.expand %x : tensor<1xf32> -> tensor<4xf16>
  return
}

// -----

func.func @expand_rank(%x: tensor<1xf32>) {
  // expected-error @+1 {{'uop.expand' op keeps the rank, got 1 and 2}}
  %0 = uop.expand %x : tensor<1xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @expand_size(%x: tensor<2x1xf32>) {
  // expected-error @+1 {{'uop.expand' op axis 0 must have size 1 to be expanded, in 'tensor<2x1xf32>' to 'tensor<4x1xf32>'}}
  %0 = uop.expand %x : tensor<2x1xf32> -> tensor<4x1xf32>
  return
}

// -----

func.func @flip_range(%x: tensor<2xf32>) {
  // expected-error @+2 {{axis 1 is out of range for rank 1}}
  // expected-error @+1 {{'uop.flip' op failed to infer returned types}}
  %0 = uop.flip %x [1] : tensor<2xf32> -> tensor<2xf32>
  return
}

// -----

func.func @flip_order(%x: tensor<2x2xf32>) {
  // expected-error @+2 {{axes must be strictly increasing}}
  // expected-error @+1 {{'uop.flip' op failed to infer returned types}}
  %0 = uop.flip %x [1, 0] : tensor<2x2xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @pad_low(%x: tensor<2xf32>, %v: tensor<f32>) {
  // expected-error @+2 {{expected 1 low paddings, got 2}}
  // expected-error @+1 {{'uop.pad' op failed to infer returned types}}
  %0 = uop.pad %x, %v low [0, 0] high [0] : tensor<2xf32> -> tensor<2xf32>
  return
}

// -----

func.func @pad_high(%x: tensor<2xf32>, %v: tensor<f32>) {
  // expected-error @+2 {{expected 1 high paddings, got 0}}
  // expected-error @+1 {{'uop.pad' op failed to infer returned types}}
  %0 = uop.pad %x, %v low [0] high [] : tensor<2xf32> -> tensor<2xf32>
  return
}

// -----

func.func @pad_interior(%x: tensor<2xf32>, %v: tensor<f32>) {
  // expected-error @+2 {{expected 1 interior paddings, got 2}}
  // expected-error @+1 {{'uop.pad' op failed to infer returned types}}
  %0 = uop.pad %x, %v low [0] high [0] interior [1, 1] : tensor<2xf32> -> tensor<3xf32>
  return
}

// -----

func.func @pad_negative(%x: tensor<2xf32>, %v: tensor<f32>) {
  // expected-error @+2 {{padding must not be negative, got -1}}
  // expected-error @+1 {{'uop.pad' op failed to infer returned types}}
  %0 = uop.pad %x, %v low [-1] high [0] : tensor<2xf32> -> tensor<1xf32>
  return
}

// -----

func.func @pad_negative_interior(%x: tensor<2xf32>, %v: tensor<f32>) {
  // expected-error @+2 {{padding must not be negative, got -1}}
  // expected-error @+1 {{'uop.pad' op failed to infer returned types}}
  %0 = uop.pad %x, %v low [0] high [0] interior [-1] : tensor<2xf32> -> tensor<1xf32>
  return
}

// -----

func.func @pad_symbolic_interior(%x: tensor<?xf32, #uop.dims<N>>, %v: tensor<f32>) {
  // expected-error @+2 {{interior padding needs a static axis, axis 0 is not}}
  // expected-error @+1 {{'uop.pad' op failed to infer returned types}}
  %0 = uop.pad %x, %v low [0] high [0] interior [1]
     : tensor<?xf32, #uop.dims<N>> -> tensor<?xf32, #uop.dims<N * 2>>
  return
}

// -----

func.func @pad_value(%x: tensor<2xf32>, %v: tensor<f16>) {
  // expected-error @+1 {{failed to verify that value is a scalar of the operand's element type}}
  %0 = "uop.pad"(%x, %v) <{low = #uop.dims<0>, high = #uop.dims<0>}> : (tensor<2xf32>, tensor<f16>) -> tensor<2xf32>
  return
}

// -----

func.func @pad_overflow(%x: tensor<2xf32>, %v: tensor<f32>) {
  // expected-error @+2 {{result dimension overflows 64 bits}}
  // expected-error @+1 {{'uop.pad' op failed to infer returned types}}
  %0 = uop.pad %x, %v low [9223372036854775807] high [0] : tensor<2xf32> -> tensor<2xf32>
  return
}

// -----

func.func @shrink_offsets(%x: tensor<2xf32>) {
  // expected-error @+2 {{expected 1 offsets, got 2}}
  // expected-error @+1 {{'uop.shrink' op failed to infer returned types}}
  %0 = uop.shrink %x offsets [0, 0] sizes [1] : tensor<2xf32> -> tensor<1xf32>
  return
}

// -----

func.func @shrink_sizes(%x: tensor<2xf32>) {
  // expected-error @+2 {{expected 1 sizes, got 2}}
  // expected-error @+1 {{'uop.shrink' op failed to infer returned types}}
  %0 = uop.shrink %x offsets [0] sizes [1, 1] : tensor<2xf32> -> tensor<1xf32>
  return
}

// -----

func.func @shrink_strides(%x: tensor<2xf32>) {
  // expected-error @+2 {{expected 1 strides, got 2}}
  // expected-error @+1 {{'uop.shrink' op failed to infer returned types}}
  %0 = uop.shrink %x offsets [0] sizes [1] strides [1, 1] : tensor<2xf32> -> tensor<1xf32>
  return
}

// -----

func.func @shrink_stride(%x: tensor<2xf32>) {
  // expected-error @+2 {{stride must be positive, got 0}}
  // expected-error @+1 {{'uop.shrink' op failed to infer returned types}}
  %0 = uop.shrink %x offsets [0] sizes [1] strides [0] : tensor<2xf32> -> tensor<1xf32>
  return
}

// -----

func.func @shrink_negative_offset(%x: tensor<2xf32>) {
  // expected-error @+2 {{offset must not be negative, got -1}}
  // expected-error @+1 {{'uop.shrink' op failed to infer returned types}}
  %0 = uop.shrink %x offsets [-1] sizes [1] : tensor<2xf32> -> tensor<1xf32>
  return
}

// -----

func.func @shrink_negative_size(%x: tensor<2xf32>) {
  // expected-error @+2 {{size must not be negative, got -1}}
  // expected-error @+1 {{'uop.shrink' op failed to infer returned types}}
  %0 = uop.shrink %x offsets [0] sizes [-1] : tensor<2xf32> -> tensor<1xf32>
  return
}

// -----

func.func @shrink_outside(%x: tensor<8xf32>) {
  // expected-error @+2 {{slice leaves axis 0 of 'tensor<8xf32>' by 2}}
  // expected-error @+1 {{'uop.shrink' op failed to infer returned types}}
  %0 = uop.shrink %x offsets [3] sizes [4] strides [2] : tensor<8xf32> -> tensor<4xf32>
  return
}

// -----

func.func @shrink_symbolic_outside(%x: tensor<?xf32, #uop.dims<N>>) {
  // expected-error @+2 {{slice leaves axis 0 of 'tensor<?xf32, #uop.dims<N>>' by 1}}
  // expected-error @+1 {{'uop.shrink' op failed to infer returned types}}
  %0 = uop.shrink %x offsets [1] sizes [N] : tensor<?xf32, #uop.dims<N>> -> tensor<?xf32, #uop.dims<N>>
  return
}

// -----

func.func @shrink_overflow(%x: tensor<8xf32>) {
  // expected-error @+2 {{result dimension overflows 64 bits}}
  // expected-error @+1 {{'uop.shrink' op failed to infer returned types}}
  %0 = uop.shrink %x offsets [9223372036854775807] sizes [9223372036854775807] : tensor<8xf32> -> tensor<4xf32>
  return
}

// -----

func.func @window_axes(%x: tensor<8xf32>) {
  // expected-error @+2 {{axis 1 is out of range for rank 1}}
  // expected-error @+1 {{'uop.window' op failed to infer returned types}}
  %0 = uop.window %x axes [1] sizes [2] : tensor<8xf32> -> tensor<7x2xf32>
  return
}

// -----

func.func @window_sizes(%x: tensor<8xf32>) {
  // expected-error @+2 {{expected 1 window sizes, got 2}}
  // expected-error @+1 {{'uop.window' op failed to infer returned types}}
  %0 = uop.window %x axes [0] sizes [2, 2] : tensor<8xf32> -> tensor<7x2xf32>
  return
}

// -----

func.func @window_size(%x: tensor<8xf32>) {
  // expected-error @+2 {{window size must be positive, got 0}}
  // expected-error @+1 {{'uop.window' op failed to infer returned types}}
  %0 = uop.window %x axes [0] sizes [0] : tensor<8xf32> -> tensor<9x0xf32>
  return
}

// -----

func.func @window_strides(%x: tensor<8xf32>) {
  // expected-error @+2 {{stride must be positive, got -1}}
  // expected-error @+1 {{'uop.window' op failed to infer returned types}}
  %0 = uop.window %x axes [0] sizes [2] strides [-1] : tensor<8xf32> -> tensor<7x2xf32>
  return
}

// -----

func.func @window_stride_count(%x: tensor<8xf32>) {
  // expected-error @+2 {{expected 1 strides, got 0}}
  // expected-error @+1 {{'uop.window' op failed to infer returned types}}
  %0 = uop.window %x axes [0] sizes [2] strides [] : tensor<8xf32> -> tensor<7x2xf32>
  return
}

// -----

func.func @window_dilations(%x: tensor<8xf32>) {
  // expected-error @+2 {{dilation must be positive, got 0}}
  // expected-error @+1 {{'uop.window' op failed to infer returned types}}
  %0 = uop.window %x axes [0] sizes [2] dilations [0] : tensor<8xf32> -> tensor<7x2xf32>
  return
}

// -----

func.func @window_dilation_count(%x: tensor<8xf32>) {
  // expected-error @+2 {{expected 1 dilations, got 2}}
  // expected-error @+1 {{'uop.window' op failed to infer returned types}}
  %0 = uop.window %x axes [0] sizes [2] dilations [1, 1] : tensor<8xf32> -> tensor<7x2xf32>
  return
}

// -----

func.func @window_overflow(%x: tensor<8xf32>) {
  // expected-error @+2 {{result dimension overflows 64 bits}}
  // expected-error @+1 {{'uop.window' op failed to infer returned types}}
  %0 = uop.window %x axes [0] sizes [9223372036854775807] dilations [9223372036854775807] : tensor<8xf32> -> tensor<7x2xf32>
  return
}

// -----

func.func @window_result(%x: tensor<8xf32>) {
  // expected-error @+2 {{'uop.window' op inferred type(s) 'tensor<7x2xf32>' are incompatible with return type(s) of operation 'tensor<8x2xf32>'}}
  // expected-error @+1 {{'uop.window' op failed to infer returned types}}
  %0 = uop.window %x axes [0] sizes [2] : tensor<8xf32> -> tensor<8x2xf32>
  return
}

// -----

func.func @unwindow_type(%x: tensor<7x2xf32>) {
  // expected-error @+1 {{'uop.unwindow' op keeps the element type, got 'f32' and 'f16'}}
  %0 = uop.unwindow %x axes [0] : tensor<7x2xf32> -> tensor<8xf16>
  return
}

// -----

func.func @unwindow_rank(%x: tensor<7x2xf32>) {
  // expected-error @+1 {{'uop.unwindow' op expected 1 result axes, of which 1 windowed; got 'tensor<7x2xf32>' and 'tensor<8x1xf32>'}}
  %0 = uop.unwindow %x axes [0] : tensor<7x2xf32> -> tensor<8x1xf32>
  return
}

// -----

func.func @unwindow_axes(%x: tensor<7x2xf32>) {
  // expected-error @+1 {{axis 3 is out of range for rank 1}}
  %0 = uop.unwindow %x axes [3] : tensor<7x2xf32> -> tensor<8xf32>
  return
}

// -----

func.func @unwindow_taps(%x: tensor<7x?xf32, #uop.dims<7, N>>) {
  // expected-error @+1 {{'uop.unwindow' op tap axes must be static and not empty}}
  %0 = uop.unwindow %x axes [0] : tensor<7x?xf32, #uop.dims<7, N>> -> tensor<8xf32>
  return
}

// -----

func.func @unwindow_operand(%x: tensor<7x2xf32>) {
  // expected-error @+1 {{'uop.unwindow' op expected an operand of type 'tensor<8x2xf32>', got 'tensor<7x2xf32>'}}
  %0 = uop.unwindow %x axes [0] : tensor<7x2xf32> -> tensor<9xf32>
  return
}

// -----

func.func @concat_none() {
  // expected-error @+2 {{expected at least one operand}}
  // expected-error @+1 {{'uop.concat' op failed to infer returned types}}
  %0 = "uop.concat"() <{axis = 0 : i64}> : () -> tensor<2xf32>
  return
}

// -----

func.func @concat_axis(%x: tensor<2xf32>) {
  // expected-error @+2 {{axis -1 is out of range for rank 1}}
  // expected-error @+1 {{'uop.concat' op failed to infer returned types}}
  %0 = uop.concat %x, %x axis -1 : tensor<2xf32>, tensor<2xf32> -> tensor<4xf32>
  return
}

// -----

func.func @concat_rank(%x: tensor<2xf32>, %y: tensor<2x1xf32>) {
  // expected-error @+2 {{operands disagree: 'tensor<2xf32>' and 'tensor<2x1xf32>'}}
  // expected-error @+1 {{'uop.concat' op failed to infer returned types}}
  %0 = uop.concat %x, %y axis 0 : tensor<2xf32>, tensor<2x1xf32> -> tensor<4xf32>
  return
}

// -----

func.func @concat_shape(%x: tensor<2x2xf32>, %y: tensor<2x3xf32>) {
  // expected-error @+2 {{operands disagree on axis 1: 'tensor<2x2xf32>' and 'tensor<2x3xf32>'}}
  // expected-error @+1 {{'uop.concat' op failed to infer returned types}}
  %0 = uop.concat %x, %y axis 0 : tensor<2x2xf32>, tensor<2x3xf32> -> tensor<4x2xf32>
  return
}
