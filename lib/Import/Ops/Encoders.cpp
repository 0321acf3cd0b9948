//===- Encoders.cpp - Categories and labels of ai.onnx.ml ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Tables from keys to values, either of which may be strings: those are their ids here.
//
//===----------------------------------------------------------------------===//

#include "MachineLearning.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

namespace {

/// The keys or the values of a table, or what stands for all that is not in it.
struct Column {
  Value value;
  bool isString = false;
  SmallVector<int64_t> ids; ///< Of strings.

  static Column ofStrings(OnnxNode &n, ArrayRef<std::string> strings) {
    SmallVector<int64_t> ids = n.getStringIds(strings);
    return {onnxIntegers(n, ids), true, ids};
  }

  /// From one of the attributes `prefix`int64s, floats, strings and tensor; null without any.
  static Column read(OnnxNode &n, StringRef prefix) {
    auto name = [&](StringRef suffix) { return (prefix + suffix).str(); };
    if (n.hasAttr(name("int64s")))
      return {onnxIntegers(n, n.getInts(name("int64s")))};
    if (n.hasAttr(name("floats")))
      return {onnxFloats(n, n.getFloats(name("floats")))};
    if (n.hasAttr(name("strings")))
      return ofStrings(n, n.getStrings(name("strings")));
    ElementsAttr tensor = n.getTensor(name("tensor"));
    if (!tensor)
      return {};
    Column column{n.constant(tensor), n.isStringTensor(name("tensor"))};
    if (column.isString)
      llvm::append_range(column.ids, tensor.getValues<int64_t>());
    return column;
  }

  /// One element, of the type of `values`.
  static Value readDefault(OnnxNode &n, const Column &values) {
    if (ElementsAttr tensor = n.getTensor("default_tensor")) {
      if (tensor.getNumElements() != 1 || n.isStringTensor("default_tensor") != values.isString)
        return n.fail("attribute 'default_tensor' must be one element of the values' type");
      return n.reshape(n.constant(tensor), {});
    }
    if (values.isString)
      return n.scalarInt(n.getStringIds(n.getString("default_string", "_Unused").str())[0],
                         n.getBuilder().getI64Type());
    Type type = n.getElementType(values.value);
    return isa<FloatType>(type) ? n.scalar(n.getFloat("default_float", -0.0), type)
                                : n.scalarInt(n.getInt("default_int64", -1), type);
  }
};

} // namespace

/// Whether x equals each key, on a new last axis; NaN equals NaN.
static Value compareKeys(OnnxNode &n, Value x, Value keys) {
  x = n.unsqueeze(x, n.getRank(x));
  Value isKey = n.eq(x, keys);
  if (isKey && isa<FloatType>(n.getElementType(x)))
    isKey = n.binary<OrOp>(isKey, n.binary<AndOp>(n.ne(x, x), n.ne(keys, keys)));
  return isKey;
}

/// values[k] where x equals keys[k], of equal keys the last; the default elsewhere.
static Value lookUp(OnnxNode &n, Value x, Value keys, Value values, Value standard) {
  Value isKey = compareKeys(n, x, keys);
  if (!isKey)
    return {};
  int64_t last = n.getRank(isKey) - 1;
  Value number = n.iota(n.getDims(isKey), last, n.getBuilder().getI64Type());
  Value none = n.splatLike(-1, number);
  Value at = n.reduce(CombineKind::Max, n.where(isKey, number, none), {last});
  Value isKnown = n.le(n.splatLike(0, at), at);
  Value picked = n.gather(values, n.max(at, n.splatLike(0, at)), 0);
  return n.where(isKnown, picked, n.cast(standard, n.getElementType(values)));
}

/// The same for ids, which lie close together: a table over all of them, read once per element.
static Value lookUpIds(OnnxNode &n, Value x, ArrayRef<int64_t> ids, Value values, Value standard) {
  int64_t low = *llvm::min_element(ids), count = *llvm::max_element(ids) - low + 1;
  constexpr int64_t maxPerKey = 8, maxFew = 1024;
  if (count > maxFew && count / maxPerKey > static_cast<int64_t>(ids.size()))
    return lookUp(n, x, onnxIntegers(n, ids), values, standard);
  // The default is the last value, and stands behind the last id of the table.
  SmallVector<int64_t> places(count + 1, static_cast<int64_t>(ids.size()));
  for (auto [i, id] : llvm::enumerate(ids))
    places[id - low] = static_cast<int64_t>(i);
  standard = n.unsqueeze(n.cast(standard, n.getElementType(values)), 0);
  if (!standard || !x)
    return {};
  Value table = n.gather(n.concat({values, standard}, 0), onnxIntegers(n, places), 0);
  Value at = n.sub(x, n.splatLike(low, x)), unknown = n.splatLike(count, x);
  Value isBelow = n.lt(at, n.splatLike(0, x));
  return n.gather(table, n.where(isBelow, unknown, n.min(at, unknown)), 0);
}

/// Sets output 0 to what the table has for input 0.
static void encode(OnnxNode &n, const Column &keys, const Column &values, Value standard) {
  Value x = n.getInput(0);
  if (!x || !standard || n.hasFailed())
    return;
  if (keys.isString != n.isString(0))
    return (void)n.fail(keys.isString ? "its keys are strings, its input holds none"
                                      : "its keys are numbers, its input holds strings");
  bool hasNone = keys.isString && keys.ids.empty();
  Value result = hasNone         ? n.broadcastTo(standard, n.getDims(x))
                 : keys.isString ? lookUpIds(n, x, keys.ids, values.value, standard)
                                 : lookUp(n, x, keys.value, values.value, standard);
  values.isString ? n.setStrings(0, result) : n.setOutput(0, result);
}

static void labelEncoder(OnnxNode &n) {
  Column keys = Column::read(n, "keys_"), values = Column::read(n, "values_");
  if (n.hasFailed())
    return;
  if (!keys.value || !values.value || n.getRank(keys.value) != 1 || n.getRank(values.value) != 1 ||
      n.getDims(keys.value) != n.getDims(values.value))
    return (void)n.fail("expected as many keys as values");
  encode(n, keys, values, Column::readDefault(n, values));
}

/// Strings to numbers, or numbers to strings, as the input is.
static void encodeEitherWay(OnnxNode &n, ArrayRef<std::string> strings, ArrayRef<int64_t> ints) {
  if (strings.size() != ints.size())
    return (void)n.fail("expected as many strings as integers");
  Column texts = Column::ofStrings(n, strings), numbers{onnxIntegers(n, ints)};
  const Column &values = n.isString(0) ? numbers : texts;
  encode(n, n.isString(0) ? texts : numbers, values, Column::readDefault(n, values));
}

/// Of opset 1: the classes are numbered.
static void labelEncoder1(OnnxNode &n) {
  SmallVector<std::string> classes = n.getStrings("classes_strings");
  auto numbers = llvm::to_vector(llvm::seq<int64_t>(0, classes.size()));
  encodeEitherWay(n, classes, numbers);
}

static void categoryMapper(OnnxNode &n) {
  encodeEitherWay(n, n.getStrings("cats_strings"), n.getInts("cats_int64s"));
}

/// A new axis with 1 where the category is, and 0 elsewhere.
static void oneHotEncoder(OnnxNode &n) {
  Value x = n.getInput(0);
  Column categories = Column::read(n, "cats_");
  if (!x || !categories.value)
    return (void)n.fail("expected categories in 'cats_int64s' or 'cats_strings'");
  if (categories.isString != n.isString(0))
    return (void)n.fail(categories.isString ? "its categories are strings, its input holds none"
                                            : "its categories are numbers, its input holds "
                                              "strings");
  Value isHot = compareKeys(n, n.cast(x, n.getBuilder().getI64Type()), categories.value);
  n.setOutput(0, n.cast(isHot, n.getBuilder().getF32Type()));
}

void tg::registerOnnxEncoders(OnnxOpRegistry &r) {
  StringRef domain = "ai.onnx.ml";
  r.add("CategoryMapper", 1, categoryMapper, domain);
  r.add("LabelEncoder", 1, labelEncoder1, domain);
  r.add("LabelEncoder", 2, labelEncoder, domain);
  r.add("OneHotEncoder", 1, oneHotEncoder, domain);
}
