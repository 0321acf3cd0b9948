#===- lit.cfg.py - How the lit suite runs -------------------------------===//
#
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
#===----------------------------------------------------------------------===//
#
# Parameters (lit --param NAME=VALUE):
#   roundtrip=1   every tg-opt run also checks that its input survives printing
#                 and parsing, as text and as bytecode (--verify-roundtrip)
#   device_memory=remote
#                 tests of test/E2E run programs in memory that the host cannot
#                 address (tg-run --device-memory)
# Features: roundtrip, avx2, avx512, amx, nvidia, amd, vulkan, numpy; and the
# name of every tool that was built.

import ctypes.util
import glob
import importlib.util
import os
import platform

import lit.formats
import lit.util
from lit.llvm import llvm_config
from lit.llvm.subst import ToolSubst

config.name = "tg"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "Unit", "Models", "proofs", "CMakeLists.txt", "lit.cfg.py", "lit.site.cfg.py"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.tg_obj_root, "test")

config.substitutions.append(("%python", config.python_executable))
config.substitutions.append(("%tg_src_root", config.tg_src_root))
config.substitutions.append(("%tg_tools_dir", config.tg_tools_dir))
config.substitutions.append(("%tg_lib_dir", os.path.join(config.tg_obj_root, "lib")))
config.substitutions.append(("%tg_plugin", os.path.join(config.tg_obj_root, "test/Plugin/TinyPlugin.so")))


def flag(name):
    return lit_config.params.get(name, "0").lower() not in ("", "0", "false", "off")


# Tools
roundtrip = flag("roundtrip")
if roundtrip:
    config.available_features.add("roundtrip")
names = ["tg-opt", "tg-run", "tg-exec", "tg-plan-memory", "tg-translate", "tg-reduce", "tg-lsp-server", "tg-ulp"]
tools = []
for name in names:
    if not os.path.exists(os.path.join(config.tg_tools_dir, name)):
        continue
    config.available_features.add(name)
    extra = ["--verify-roundtrip"] if roundtrip and name == "tg-opt" else []
    tools.append(ToolSubst(name, extra_args=extra, unresolved="fatal"))
llvm_config.add_tool_substitutions(tools, [config.tg_tools_dir])
llvm_config.add_tool_substitutions(
    [ToolSubst(name, unresolved="fatal") for name in ("FileCheck", "not", "split-file")],
    [config.llvm_tools_dir],
)
llvm_config.with_environment("PATH", config.llvm_tools_dir, append_path=True)
llvm_config.with_environment("PATH", config.tg_tools_dir, append_path=True)

# Hardware
cpu_flags = set()
if os.path.exists("/proc/cpuinfo"):
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("flags"):
                cpu_flags = set(line.split(":", 1)[1].split())
                break
if {"avx2", "fma"} <= cpu_flags:
    config.available_features.add("avx2")
if {"avx512f", "avx512bw", "avx512dq", "avx512vl"} <= cpu_flags:
    config.available_features.add("avx512")
if {"amx_tile", "amx_bf16"} <= cpu_flags:
    config.available_features.add("amx")
config.available_features.add(platform.machine())
if os.path.exists("/dev/nvidiactl"):
    config.available_features.add("nvidia")
if os.path.exists("/dev/kfd") and glob.glob("/dev/dri/renderD*"):
    config.available_features.add("amd")
if ctypes.util.find_library("vulkan"):
    config.available_features.add("vulkan")
if importlib.util.find_spec("numpy"):
    config.available_features.add("numpy")
