# Generates the C++ classes of ONNX's schema at build time: the target TGOnnxProto.
# The schema comes with the `onnx` package from PyPI; its name in the build folder is onnx.proto.
set(TG_ONNX_PROTO "" CACHE FILEPATH "onnx-ml.proto of the PyPI package onnx (found in .venv if empty)")

set(_tg_onnx_proto "${TG_ONNX_PROTO}")
if(NOT _tg_onnx_proto)
  file(GLOB _tg_onnx_candidates
    "${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/onnx/onnx-ml.proto")
  if(NOT _tg_onnx_candidates)
    execute_process(
      COMMAND ${Python3_EXECUTABLE} -c
        "import importlib.util, pathlib; s = importlib.util.find_spec('onnx'); print(pathlib.Path(s.origin).parent / 'onnx-ml.proto' if s else '')"
      OUTPUT_VARIABLE _tg_onnx_candidates OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  if(_tg_onnx_candidates)
    list(GET _tg_onnx_candidates 0 _tg_onnx_proto)
  endif()
endif()
if(NOT EXISTS "${_tg_onnx_proto}")
  message(FATAL_ERROR
    "The ONNX importer needs the schema onnx-ml.proto of the PyPI package onnx 1.21.0"
    " ('${_tg_onnx_proto}' does not exist).\n"
    "Run 'python3 -m venv .venv && .venv/bin/pip install onnx==1.21.0' in the source folder,"
    " or give -DTG_ONNX_PROTO=/path/to/onnx-ml.proto.")
endif()

find_program(TG_PROTOC protoc)
find_path(TG_PROTOBUF_INCLUDE google/protobuf/message_lite.h)
find_library(TG_PROTOBUF_LITE protobuf-lite)
if(NOT TG_PROTOC OR NOT TG_PROTOBUF_INCLUDE OR NOT TG_PROTOBUF_LITE)
  message(FATAL_ERROR
    "The ONNX importer needs protobuf. On Debian: apt-get install libprotobuf-dev protobuf-compiler")
endif()

set(_tg_onnx_dir ${PROJECT_BINARY_DIR}/onnx-proto)
file(MAKE_DIRECTORY ${_tg_onnx_dir})
add_custom_command(
  OUTPUT ${_tg_onnx_dir}/onnx.pb.cc ${_tg_onnx_dir}/onnx.pb.h
  COMMAND ${CMAKE_COMMAND} -E copy ${_tg_onnx_proto} ${_tg_onnx_dir}/onnx.proto
  COMMAND ${TG_PROTOC} --cpp_out=${_tg_onnx_dir} --proto_path=${_tg_onnx_dir} onnx.proto
  DEPENDS ${_tg_onnx_proto}
  COMMENT "Generating the ONNX protobuf classes"
  VERBATIM)
# Generated code: no warnings of ours, no precompiled header.
add_library(TGOnnxProto STATIC ${_tg_onnx_dir}/onnx.pb.cc)
target_compile_options(TGOnnxProto PRIVATE -w)
target_include_directories(TGOnnxProto SYSTEM PUBLIC
  $<BUILD_INTERFACE:${_tg_onnx_dir}> $<BUILD_INTERFACE:${TG_PROTOBUF_INCLUDE}>)
target_link_libraries(TGOnnxProto PUBLIC
  $<BUILD_INTERFACE:${TG_PROTOBUF_LITE}> $<INSTALL_INTERFACE:protobuf::libprotobuf-lite>)
