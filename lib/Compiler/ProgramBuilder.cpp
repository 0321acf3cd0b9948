//===- ProgramBuilder.cpp - From bufferized IR to tables ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tg/Compiler/ProgramBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace tg;
using namespace tg::uop;

static rt::SizeExpr convertExpr(AffineExpr expr, ArrayRef<uint32_t> ids) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return rt::SizeExpr(constant.getValue());
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return rt::SizeExpr::var(ids[symbol.getPosition()]);
  auto binary = cast<AffineBinaryOpExpr>(expr);
  rt::SizeExpr lhs = convertExpr(binary.getLHS(), ids), rhs = convertExpr(binary.getRHS(), ids);
  using Op = rt::SizeExpr::Op;
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return rt::SizeExpr::binary(Op::Add, lhs, rhs);
  case AffineExprKind::Mul:
    return rt::SizeExpr::binary(Op::Mul, lhs, rhs);
  case AffineExprKind::FloorDiv:
    return rt::SizeExpr::binary(Op::FloorDiv, lhs, rhs);
  case AffineExprKind::CeilDiv:
    return rt::SizeExpr::binary(Op::CeilDiv, lhs, rhs);
  default:
    return rt::SizeExpr::binary(Op::Mod, lhs, rhs);
  }
}

rt::SizeExpr tg::toSizeExpr(DimAttr dim, function_ref<uint32_t(StringRef)> varId) {
  SmallVector<uint32_t> ids;
  for (StringAttr var : dim.getVars())
    ids.push_back(varId(var.getValue()));
  return convertExpr(dim.getExpr(), ids);
}

namespace {

class TableBuilder {
public:
  TableBuilder(func::FuncOp function, ArrayRef<OutlinedKernel> kernels, rt::Program &program)
      : function(function), program(program) {
    for (auto [i, kernel] : llvm::enumerate(kernels))
      for (KernelOp launch : kernel.launches)
        kernelIds[launch] = i;
  }

  LogicalResult run() {
    auto module = function->getParentOfType<ModuleOp>();
    program.name = function.getSymName().str();
    for (auto var : module.getOps<VarOp>()) {
      varIds[var.getSymName()] = program.vars.size();
      program.vars.push_back({var.getSymName().str(), static_cast<int64_t>(var.getMin()),
                              static_cast<int64_t>(var.getMax())});
    }
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (rt::Status status = addPort(i); !status.ok())
        return function.emitError(status.message());
    if (failed(addStrings()))
      return failure();
    if (failed(convertBlock(function.getBody().front(), program.commands)) || isIncomplete)
      return failure();
    setLifetimes();
    return success();
  }

private:
  /// The id that `ids` has for `key`. Where there is none, `op` reads what no table holds: an error
  /// there, and no program; the id returned is for the rest of the walk only.
  template <typename Map, typename Key>
  uint32_t getId(const Map &ids, const Key &key, Operation *op, const Twine &what) {
    if (auto it = ids.find(key); it != ids.end())
      return it->second;
    op->emitOpError("uses ") << what << ", which a program does not hold";
    isIncomplete = true;
    return 0;
  }

  rt::SizeExpr sizeOf(DimAttr dim, Operation *op) {
    return toSizeExpr(
        dim, [&](StringRef var) { return getId(varIds, var, op, "variable '" + var + "'"); });
  }

  rt::SizeExpr bytesOf(ArrayRef<DimAttr> dims, Type element, Operation *op) {
    rt::SizeExpr count(1);
    for (DimAttr dim : dims)
      count = count * sizeOf(dim, op);
    if (unsigned packed = getElementsPerByte(element); packed > 1)
      return rt::SizeExpr::ceilDiv(count, rt::SizeExpr(packed));
    return count * rt::SizeExpr(llvm::divideCeil(element.getIntOrFloatBitWidth(), 8));
  }

  rt::BufferId addBuffer(rt::BufferKind kind, rt::SizeExpr bytes) {
    rt::Buffer buffer;
    buffer.kind = kind;
    buffer.bytes = std::move(bytes);
    program.buffers.push_back(std::move(buffer));
    accesses.emplace_back();
    return program.buffers.size() - 1;
  }

  /// Only where a port has some.
  LogicalResult addStrings() {
    auto isString = [](const rt::Port &port) { return port.kind == rt::PortKind::Strings; };
    if (llvm::none_of(program.inputs, isString) && llvm::none_of(program.outputs, isString))
      return success();
    rt::Result<std::shared_ptr<const rt::StringTable>> strings = readStrings(function);
    if (!strings.ok())
      return function.emitError(strings.message());
    program.strings = std::move(*strings);
    return success();
  }

  rt::Status addPort(unsigned i) {
    auto type =
        cast<RankedTensorType>(function.getArgAttrOfType<TypeAttr>(i, attrs::type).getValue());
    bool isOutput = function.getArgAttr(i, attrs::output) != nullptr;
    std::vector<rt::Port> &ports = isOutput ? program.outputs : program.inputs;
    rt::Port port;
    auto name = function.getArgAttrOfType<StringAttr>(i, attrs::name);
    port.name = name ? name.str() : (isOutput ? "out" : "arg") + std::to_string(ports.size());
    port.dtype = *parseDType(toString(type.getElementType()));
    SmallVector<DimAttr> dims = getDims(type);
    for (DimAttr dim : dims)
      port.dims.push_back(sizeOf(dim, function));
    if (rt::Status status = readPortKind(function.getArgAttrDict(i), isOutput, port); !status.ok())
      return status.in((isOutput ? "output '" : "input '") + port.name + "'");
    if (auto tied = function.getArgAttrOfType<IntegerAttr>(i, attrs::tied)) {
      unsigned input = tied.getInt();
      port.buffer = program.inputs[input].buffer;
      program.inputs[input].tiedOutput = program.outputs.size();
      ports.push_back(std::move(port));
      return {};
    }
    port.buffer = addBuffer(isOutput ? rt::BufferKind::Output : rt::BufferKind::Input,
                            bytesOf(dims, type.getElementType(), function));
    buffers[function.getArgument(i)] = port.buffer;
    ports.push_back(std::move(port));
    return {};
  }

  static std::string toString(Type type) {
    std::string text;
    llvm::raw_string_ostream(text) << type;
    return text;
  }

  LogicalResult addConstant(BufferOp op, rt::Buffer &buffer) {
    std::string bytes;
    ElementsAttr value = *op.getValue();
    Type element = value.getElementType();
    unsigned bits = element.getIntOrFloatBitWidth(), perByte = getElementsPerByte(element);
    int64_t count = value.getNumElements();
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
      AsmResourceBlob *blob = resource.getRawHandle().getBlob();
      if (!blob)
        return op.emitOpError("constant's resource '")
               << resource.getRawHandle().getKey() << "' has no data";
      bytes.assign(blob->getData().data(), blob->getData().size());
    } else if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
      auto append = [&](APInt raw) {
        if (bits >= 8) {
          uint64_t word = raw.getZExtValue();
          bytes.append(reinterpret_cast<const char *>(&word), bits / 8);
          return;
        }
        // Packed from the low bits on.
        if (numPacked++ % perByte == 0)
          bytes.push_back(0);
        bytes.back() |= raw.getZExtValue() << (bits * ((numPacked - 1) % perByte));
      };
      numPacked = 0;
      if (isa<FloatType>(element))
        for (APFloat item : dense.getValues<APFloat>())
          append(item.bitcastToAPInt());
      else
        for (APInt item : dense.getValues<APInt>())
          append(item);
    } else {
      return op.emitOpError("constant must be dense or dense_resource");
    }
    int64_t expected = bits >= 8 ? count * (bits / 8) : llvm::divideCeil(count, perByte);
    if (static_cast<int64_t>(bytes.size()) != expected)
      return op.emitOpError("constant has ")
             << bytes.size() << " bytes of data, expected " << expected;
    buffer.constant = rt::Blob::copyOf(bytes.data(), bytes.size());
    if (!bytes.empty() && !buffer.constant.data)
      return op.emitOpError("out of memory for a constant of ") << bytes.size() << " bytes";
    return success();
  }

  /// The node of the user's model, or the place in a file, with a colon.
  static std::string placeOf(Location loc) {
    if (std::string names = getNodeNames(loc); !names.empty())
      return "'" + names + "': ";
    if (auto file = loc->findInstanceOf<FileLineColLoc>())
      return file.getFilename().str() + ":" + std::to_string(file.getLine()) + ":" +
             std::to_string(file.getColumn()) + ": ";
    return "";
  }

  //===--------------------------------------------------------------------===//
  // Commands
  //===--------------------------------------------------------------------===//

  rt::BufferId use(Value value, Operation *user) {
    rt::BufferId id = getId(buffers, value, user, describe(value));
    if (isIncomplete)
      return id;
    accesses[id].push_back(numCommands == 0 ? 0 : numCommands - 1);
    return id;
  }

  static std::string describe(Value value) {
    std::string text = isa<MemRefType>(value.getType()) ? "a buffer" : "a scalar";
    if (Operation *op = value.getDefiningOp())
      return text + " of '" + op->getName().getStringRef().str() + "'";
    return text + " that is an argument of a block";
  }

  template <typename T> T &append(std::vector<rt::Command> &commands) {
    ++numCommands;
    commands.push_back({T()});
    return std::get<T>(commands.back().op);
  }

  LogicalResult convertBlock(Block &block, std::vector<rt::Command> &commands) {
    for (Operation &op : block.without_terminator())
      if (failed(convert(&op, commands)))
        return failure();
    return success();
  }

  using Commands = std::vector<rt::Command>;

  LogicalResult convert(Operation *op, Commands &commands) {
    return llvm::TypeSwitch<Operation *, LogicalResult>(op)
        .Case<BufferOp>([&](auto op) { return convertBuffer(op); })
        .Case<KernelOp>([&](auto op) { return convertLaunch(op, commands); })
        .Case<memref::CopyOp>([&](auto op) { return convertCopy(op, commands); })
        .Case<BindOp>([&](auto op) { return convertBind(op, commands); })
        .Case<CheckOp>([&](auto op) { return convertCheck(op, commands); })
        .Case<scf::IfOp>([&](auto op) { return convertIf(op, commands); })
        .Case<scf::ForOp>([&](auto op) { return convertFor(op, commands); })
        .Case<scf::WhileOp>([&](auto op) { return convertWhile(op, commands); })
        .Case<memref::LoadOp, memref::StoreOp, memref::ReinterpretCastOp, arith::IndexCastOp>(
            [&](auto op) { return convertScalar(op); })
        .Default([](Operation *op) {
          return op->emitOpError("does not run on this device: programs have no command for it");
        });
  }

  LogicalResult convertBuffer(BufferOp op) {
    bool isConstant = op.getValue().has_value();
    auto type = cast<MemRefType>(op.getResult().getType());
    rt::BufferId id = addBuffer(isConstant ? rt::BufferKind::Constant : rt::BufferKind::Temp,
                                bytesOf(op.getDims().getDims(), type.getElementType(), op));
    buffers[op.getResult()] = id;
    return isConstant ? addConstant(op, program.buffers[id]) : success();
  }

  LogicalResult convertLaunch(KernelOp op, Commands &commands) {
    auto &launch = append<rt::Launch>(commands);
    launch.kernel = getId(kernelIds, op.getOperation(), op, "a kernel");
    for (Value value : op.getInputs())
      launch.buffers.push_back(use(value, op));
    for (Value value : op.getOuts())
      launch.buffers.push_back(use(value, op));
    return success();
  }

  LogicalResult convertCopy(memref::CopyOp op, Commands &commands) {
    auto &command = append<rt::Copy>(commands);
    command.source = use(op.getSource(), op);
    command.destination = use(op.getTarget(), op);
    if (isIncomplete)
      return failure();
    command.bytes = program.buffers[command.destination].bytes;
    if (auto part = op.getSource().getDefiningOp<memref::ReinterpretCastOp>()) {
      unsigned bytes = llvm::divideCeil(part.getType().getElementTypeBitWidth(), 8);
      command.sourceOffset = rt::SizeExpr(part.getStaticOffset(0) * bytes);
    }
    return success();
  }

  LogicalResult convertBind(BindOp op, Commands &commands) {
    auto &command = append<rt::Bind>(commands);
    command.var = getId(varIds, op.getVar(), op, "variable '" + op.getVar() + "'");
    command.source = use(op.getValue(), op);
    command.place = placeOf(op.getLoc());
    return success();
  }

  LogicalResult convertCheck(CheckOp op, Commands &commands) {
    auto &command = append<rt::Check>(commands);
    for (DimAttr dim : op.getExpressions().getDims())
      command.notNegative.push_back(
          op.getDefined() ? rt::SizeExpr::max(sizeOf(dim, op), rt::SizeExpr(0)) : sizeOf(dim, op));
    command.message = placeOf(op.getLoc()) + op.getMessage().str();
    return success();
  }

  /// What takes no command: the value is a buffer that there is already.
  LogicalResult convertScalar(memref::ReinterpretCastOp op) {
    buffers[op.getResult()] = getId(buffers, op.getSource(), op, describe(op.getSource()));
    return success();
  }
  LogicalResult convertScalar(memref::LoadOp op) {
    if (!op.getIndices().empty())
      return op.emitOpError("reads a scalar from a buffer of rank ")
             << op.getIndices().size() << "; a program reads those of rank 0";
    buffers[op.getResult()] = getId(buffers, op.getMemRef(), op, describe(op.getMemRef()));
    return success();
  }
  LogicalResult convertScalar(arith::IndexCastOp op) {
    // Of an induction variable: for the store that the loop does.
    if (!isInduction(op.getIn()))
      buffers[op.getOut()] = getId(buffers, op.getIn(), op, describe(op.getIn()));
    return success();
  }
  LogicalResult convertScalar(memref::StoreOp op) {
    if (isInductionStore(op))
      return success(); // The loop does it.
    return op.emitOpError("stores a scalar that a program does not hold; it stores what a loop "
                          "counts, as i64");
  }

  LogicalResult convertIf(scf::IfOp op, Commands &commands) {
    auto &command = append<rt::If>(commands);
    command.condition = use(op.getCondition(), op);
    if (failed(convertBlock(op.getThenRegion().front(), command.thenBody)))
      return failure();
    return op.getElseRegion().empty() ? success()
                                      : convertBlock(op.getElseRegion().front(), command.elseBody);
  }

  static bool isInduction(Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    auto loop = argument ? dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp()) : scf::ForOp();
    return loop && loop.getInductionVar() == value;
  }

  /// Of the induction variable of the loop around it, to a buffer that the body makes for it.
  static bool isInductionStore(memref::StoreOp op) {
    auto cast = op.getValueToStore().getDefiningOp<arith::IndexCastOp>();
    auto buffer = op.getMemRef().getDefiningOp<BufferOp>();
    return cast && buffer && isInduction(cast.getIn()) && cast.getType().isInteger(64) &&
           buffer->getBlock() == cast.getIn().getParentBlock();
  }

  /// The buffer of the induction variable, which those that the body stores it to become.
  rt::BufferId addInduction(scf::ForOp op) {
    rt::BufferId id = addBuffer(rt::BufferKind::Temp, rt::SizeExpr(8));
    for (auto store : op.getBody()->getOps<memref::StoreOp>()) {
      if (!isInductionStore(store))
        continue;
      buffers[store.getMemRef()] = id;
      inductionBuffers.insert(store.getMemRef().getDefiningOp());
    }
    return id;
  }

  LogicalResult convertFor(scf::ForOp op, std::vector<rt::Command> &commands) {
    if (!op.getInductionVar().getType().isIndex())
      return op.emitOpError("bounds must be of type index, got ") << op.getInductionVar().getType();
    rt::BufferId induction = addInduction(op);
    uint32_t first = numCommands;
    auto &command = append<rt::For>(commands);
    command.lower = use(op.getLowerBound(), op);
    command.upper = use(op.getUpperBound(), op);
    command.step = use(op.getStep(), op);
    command.induction = induction;
    if (isIncomplete)
      return failure();
    accesses[induction].push_back(first);
    for (Operation &inner : op.getBody()->without_terminator()) {
      if (auto buffer = dyn_cast<BufferOp>(inner); buffer && inductionBuffers.contains(buffer))
        continue;
      if (failed(convert(&inner, command.body)))
        return failure();
    }
    loops.push_back({first, numCommands - 1});
    accesses[induction].push_back(numCommands - 1);
    return success();
  }

  LogicalResult convertWhile(scf::WhileOp op, std::vector<rt::Command> &commands) {
    uint32_t first = numCommands;
    auto &command = append<rt::While>(commands);
    Block &before = op.getBefore().front();
    if (failed(convertBlock(before, command.before)))
      return failure();
    auto condition = cast<scf::ConditionOp>(before.getTerminator());
    command.condition = use(condition.getCondition(), condition);
    if (isIncomplete)
      return failure();
    // The loop itself reads it.
    accesses[command.condition].push_back(first);
    if (failed(convertBlock(op.getAfter().front(), command.after)))
      return failure();
    loops.push_back({first, numCommands - 1});
    return success();
  }

  /// From the first to the last access; what is written before a loop and used in it lives until
  /// the loop ends.
  void setLifetimes() {
    for (auto [id, buffer] : llvm::enumerate(program.buffers)) {
      ArrayRef<uint32_t> uses = accesses[id];
      if (buffer.kind != rt::BufferKind::Temp || uses.empty())
        continue;
      uint32_t first = *llvm::min_element(uses), last = *llvm::max_element(uses);
      for (auto [begin, end] : loops)
        if (first < begin && last >= begin && last <= end)
          last = end;
      // Inner loops were recorded before the loops around them, so one walk is enough.
      buffer.firstUse = first;
      buffer.lastUse = last;
    }
  }

  func::FuncOp function;
  rt::Program &program;
  llvm::DenseMap<Operation *, uint32_t> kernelIds;
  llvm::StringMap<uint32_t> varIds;
  llvm::DenseMap<Value, rt::BufferId> buffers;
  llvm::DenseSet<Operation *> inductionBuffers;
  std::vector<SmallVector<uint32_t, 4>> accesses;
  SmallVector<std::pair<uint32_t, uint32_t>> loops;
  uint32_t numCommands = 0;
  unsigned numPacked = 0;
  /// Whether something had no id.
  bool isIncomplete = false;
};

} // namespace

LogicalResult tg::buildProgram(func::FuncOp function, ArrayRef<OutlinedKernel> kernels,
                               rt::Program &program) {
  return TableBuilder(function, kernels, program).run();
}
