//===- Header.cpp - C headers of programs ---*- C++ -*-===//
//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For a program `digits` of one input tensor<Nx64xf32> and one output tensor<Nx10xf32>:
//
//   tg_program *digits_create(tg_error **error);
//   bool digits_run(tg_context *context, int64_t N, const float *image, float *score,
//                   tg_error **error);
//
// An output whose size only the run tells is a `tg_tensor **` instead. Tested by
// test/AheadOfTime/header.mlir.
//
//===----------------------------------------------------------------------===//

#include "tg/Export/Object.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace tg;

namespace {

const char *cTypeOf(DType type) {
  switch (storageBits(type)) {
  case 64:
    return type == DType::F64 ? "double" : isUnsignedInteger(type) ? "uint64_t" : "int64_t";
  case 32:
    return type == DType::F32 ? "float" : isUnsignedInteger(type) ? "uint32_t" : "int32_t";
  case 16:
    return isSignedInteger(type) ? "int16_t" : "uint16_t";
  default:
    return type == DType::I8 ? "int8_t" : "uint8_t";
  }
}

/// A C identifier for each name of the model, all different.
class Identifiers {
public:
  /// Identifiers that start with `prefix` are the header's own.
  explicit Identifiers(std::string prefix) : prefix(std::move(prefix)) {}

  std::string get(StringRef name) {
    std::string result;
    for (char c : name)
      result += llvm::isAlnum(c) ? c : '_';
    if (result.empty() || llvm::isDigit(result.front()))
      result = "_" + result;
    StringRef start = result;
    if (start.starts_with("tg_") || start.starts_with("TG_") || start.starts_with(prefix))
      result += "_";
    for (unsigned i = 2; !used.insert(result).second; ++i)
      result = llvm::formatv("{0}_{1}", StringRef(result).rtrim("0123456789").rtrim('_'), i);
    return result;
  }

private:
  std::string prefix;
  /// Words of C and C++, macros of C headers, and what the header itself uses.
  llvm::StringSet<> used = {
      "alignas",   "alignof",  "and",      "asm",     "assert",    "auto",     "bindings",
      "bool",      "break",    "case",     "catch",   "char",      "class",    "complex",
      "const",     "context",  "continue", "default", "delete",    "do",       "double",
      "else",      "enum",     "EOF",      "errno",   "error",     "explicit", "export",
      "extern",    "false",    "float",    "for",     "friend",    "goto",     "I",
      "if",        "inline",   "inputs",   "int",     "linux",     "long",     "mutable",
      "namespace", "new",      "noreturn", "not",     "NULL",      "nullptr",  "ok",
      "operator",  "or",       "outputs",  "private", "protected", "public",   "register",
      "restrict",  "return",   "shape",    "short",   "signed",    "SIZE_MAX", "sizeof",
      "static",    "stderr",   "stdin",    "stdout",  "struct",    "switch",   "template",
      "this",      "throw",    "true",     "try",     "typedef",   "typename", "union",
      "unix",      "unsigned", "using",    "virtual", "void",      "volatile", "while",
      "xor"};
};

class HeaderWriter {
public:
  HeaderWriter(const rt::Program &program, StringRef name, llvm::raw_ostream &os)
      : program(program), name(name), os(os), isComputed(program.varsBoundByProgram()),
        names((name + "_").str()) {
    for (const rt::Var &var : program.vars)
      vars.push_back(names.get(var.name));
    for (const rt::Port &port : program.inputs)
      inputs.push_back(names.get(port.name));
    for (const rt::Port &port : program.outputs)
      outputs.push_back(names.get(port.name));
  }

  void write() {
    std::string guard = name.upper() + "_H";
    writeComment();
    os << "#ifndef " << guard << "\n#define " << guard << "\n\n#include \"tg-c/Runtime.h\"\n\n"
       << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
       << "/* Tables, constants and kernels, in the object. */\n"
       << "extern const tg_linked_program " << name << "_program;\n\n"
       << "/* The program, checked. NULL after an error. */\n"
       << "static inline tg_program *" << name << "_create(tg_error **error) {\n"
       << "  return tg_program_link(&" << name << "_program, error);\n}\n\n";
    writeHelpers();
    writeRun();
    os << "#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << guard << " */\n";
  }

private:
  /// Whether the caller knows the extent before the run.
  bool isGiven(const rt::SizeExpr &dim) const {
    for (size_t id = 0; id < isComputed.size(); ++id)
      if (isComputed[id] && dim.dependsOn(id))
        return false;
    return true;
  }
  bool isGiven(const rt::Port &port) const {
    return llvm::all_of(port.dims, [&](const rt::SizeExpr &dim) { return isGiven(dim); });
  }

  /// Text within a comment.
  static std::string commented(StringRef text) {
    std::string result;
    for (char c : text) {
      bool endsComment = c == '/' && !result.empty() && result.back() == '*';
      result += endsComment || !llvm::isPrint(c) ? '?' : c;
    }
    return result;
  }

  static std::string quoted(StringRef text) {
    std::string result;
    for (unsigned char c : text)
      // Three octal digits end by themselves.
      result += c == '"' || c == '\\' || c == '?' || !llvm::isPrint(c)
                    ? llvm::formatv("\\{0}{1}{2}", c >> 6, (c >> 3) & 7, c & 7).str()
                    : std::string(1, char(c));
    return "\"" + result + "\"";
  }

  void writeComment() {
    os << "/* " << name << ": a program that tg compiled to an object. Link the object,\n"
       << "   libtg-c-runtime and libm.\n";
    auto list = [&](const char *what, const std::vector<rt::Port> &ports,
                    const std::vector<std::string> &identifiers) {
      for (auto [port, identifier] : llvm::zip(ports, identifiers)) {
        std::string type;
        for (const rt::SizeExpr &dim : port.dims) {
          std::string extent = dim.print(program.varNames());
          type += (StringRef(extent).contains(' ') ? "(" + extent + ")" : extent) + "x";
        }
        os << "\n   " << what << identifier << ": tensor<" << commented(type)
           << dtypeName(port.dtype) << ">";
        if (port.kind == rt::PortKind::Strings)
          os << ", strings as tg_strings_encode and tg_strings_get number them";
        if (port.kind == rt::PortKind::Maps)
          os << ", values of maps whose keys tg_program_output_meaning gives";
        if (identifier != port.name)
          os << ", in the model '" << commented(port.name) << "'";
      }
    };
    list("input  ", program.inputs, inputs);
    list("output ", program.outputs, outputs);
    for (auto [id, var] : llvm::enumerate(program.vars))
      os << "\n   size   " << vars[id] << ": from " << var.min << " to " << var.max
         << (isComputed[id] ? ", computed by the program" : "");
    os << "\n\n   Arrays are dense and row-major, and as large as their types say.\n*/\n";
  }

  bool uses(rt::SizeExpr::Op op) const {
    for (const auto *ports : {&program.inputs, &program.outputs})
      for (const rt::Port &port : *ports)
        for (const rt::SizeExpr &dim : port.dims)
          for (const rt::SizeExpr::Instr &instr : dim.instructions())
            if (instr.op == op)
              return true;
    return false;
  }

  void writeHelpers() {
    using Op = rt::SizeExpr::Op;
    auto helper = [&](StringRef what, StringRef body) {
      os << "static inline int64_t " << name << "_" << what << "_(int64_t a, int64_t b) {\n  "
         << body << "\n}\n\n";
    };
    // Rounded to minus infinity; a size that divides by zero is -1, which the run refuses.
    if (uses(Op::FloorDiv) || uses(Op::CeilDiv) || uses(Op::Mod))
      helper("floordiv", "return b == 0 ? -1 : a / b - (a % b != 0 && (a % b < 0) != (b < 0));");
    if (uses(Op::CeilDiv))
      helper("ceildiv", ("return b == 0 ? -1 : -" + name + "_floordiv_(-a, b);").str());
    if (uses(Op::Mod))
      helper("mod", ("return b == 0 ? -1 : a - " + name + "_floordiv_(a, b) * b;").str());
    if (uses(Op::Max))
      helper("max", "return a > b ? a : b;");
    if (uses(Op::Min))
      helper("min", "return a < b ? a : b;");
  }

  /// The extent as a C expression.
  std::string print(const rt::SizeExpr &dim) const {
    using Op = rt::SizeExpr::Op;
    std::vector<std::string> stack;
    for (const rt::SizeExpr::Instr &instr : dim.instructions()) {
      if (instr.op == Op::Const) {
        stack.push_back(llvm::formatv("INT64_C({0})", instr.value));
        continue;
      }
      if (instr.op == Op::Var) {
        stack.push_back(vars[instr.value]);
        continue;
      }
      std::string rhs = stack.back();
      stack.pop_back();
      std::string &lhs = stack.back();
      switch (instr.op) {
      case Op::Add:
        lhs = "(" + lhs + " + " + rhs + ")";
        break;
      case Op::Mul:
        lhs = "(" + lhs + " * " + rhs + ")";
        break;
      default: {
        const char *call = instr.op == Op::FloorDiv  ? "floordiv"
                           : instr.op == Op::CeilDiv ? "ceildiv"
                           : instr.op == Op::Mod     ? "mod"
                           : instr.op == Op::Max     ? "max"
                                                     : "min";
        lhs = llvm::formatv("{0}_{1}_({2}, {3})", name, call, lhs, rhs);
      }
      }
    }
    return stack.back();
  }

  void writeBorrow(StringRef target, const rt::Port &port, StringRef array) {
    os << "  {\n    const int64_t shape[] = {";
    llvm::interleaveComma(port.dims, os, [&](const rt::SizeExpr &dim) { os << print(dim); });
    std::string typeName = StringRef(dtypeName(port.dtype)).upper();
    // A list of no elements is no C.
    os << (port.dims.empty() ? "0" : "") << "};\n    " << target << " = ok ? tg_tensor_borrow(TG_"
       << typeName << ", shape, " << port.dims.size() << ", (void *)" << array
       << ", SIZE_MAX, error) : NULL;\n    ok = ok && " << target << ";\n  }\n";
  }

  void writeRun() {
    std::vector<std::string> parameters = {"tg_context *context"}, bindings, results;
    for (auto [id, var] : llvm::enumerate(vars))
      if (!isComputed[id]) {
        parameters.push_back("int64_t " + var);
        bindings.push_back("{" + quoted(program.vars[id].name) + ", " + var + "}");
      }
    for (auto [port, array] : llvm::zip(program.inputs, inputs))
      parameters.push_back("const " + std::string(cTypeOf(port.dtype)) + " *" + array);
    for (auto [port, array] : llvm::zip(program.outputs, outputs))
      parameters.push_back(
          (isGiven(port) ? std::string(cTypeOf(port.dtype)) + " *" : std::string("tg_tensor **")) +
          array);
    parameters.push_back("tg_error **error");

    unsigned numInputs = inputs.size(), numOutputs = outputs.size();
    os << "/* Runs a context of the program. False after an error. */\n"
       << "static inline bool " << name << "_run(" << llvm::join(parameters, ", ") << ") {\n"
       << "  bool ok = true;\n";
    if (numInputs) {
      os << "  tg_input inputs[] = {";
      llvm::interleaveComma(program.inputs, os, [&](const rt::Port &port) {
        os << "{NULL, " << quoted(port.name) << ", 0}";
      });
      os << "};\n";
    }
    if (numOutputs)
      os << "  tg_tensor *outputs[" << numOutputs << "] = {NULL};\n";
    if (!bindings.empty())
      os << "  tg_binding bindings[] = {" << llvm::join(bindings, ", ") << "};\n";
    for (auto [i, port] : llvm::enumerate(program.inputs))
      writeBorrow(llvm::formatv("inputs[{0}].tensor", i).str(), port, inputs[i]);
    for (auto [i, port] : llvm::enumerate(program.outputs))
      if (isGiven(port))
        writeBorrow(llvm::formatv("outputs[{0}]", i).str(), port, outputs[i]);
    os << llvm::formatv(
        "  ok = ok && tg_context_run(context, {0}, {1}, {2}, {3}, {4}, {5}, error);\n",
        numInputs ? "inputs" : "NULL", numInputs, bindings.empty() ? "NULL" : "bindings",
        bindings.size(), numOutputs ? "outputs" : "NULL", numOutputs);
    for (unsigned i = 0; i < numInputs; ++i)
      os << "  tg_tensor_free((tg_tensor *)inputs[" << i << "].tensor);\n";
    for (auto [i, port] : llvm::enumerate(program.outputs)) {
      if (isGiven(port))
        os << "  tg_tensor_free(outputs[" << i << "]);\n";
      else
        os << "  *" << outputs[i] << " = outputs[" << i << "];\n";
    }
    os << "  return ok;\n}\n\n";
  }

  const rt::Program &program;
  StringRef name;
  llvm::raw_ostream &os;
  std::vector<bool> isComputed;
  Identifiers names;
  std::vector<std::string> vars, inputs, outputs;
};

} // namespace

LogicalResult tg::exportHeader(ModuleOp module, StringRef name, const CompileOptions &options,
                               llvm::raw_ostream &os) {
  FailureOr<Compilation> compilation = compile(module, options);
  if (failed(compilation))
    return failure();
  HeaderWriter(*compilation->program, name, os).write();
  return success();
}
