# `cmake --install`, and the CMake package `tg` for other projects (docs/embedding.md), installed or
# in the build tree.
#
# Component `runtime` is what running programs needs, without LLVM; `c` the C library with the
# compiler in it; `compiler` all the rest.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(TG_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/tg)

# tg_export(component name target...): installs the target as tg::name.
function(tg_export component name target)
  if(NOT TARGET ${target})
    return()
  endif()
  string(TOUPPER ${component} upper)
  string(SUBSTRING ${upper} 0 1 initial)
  string(SUBSTRING ${component} 1 -1 rest)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  add_library(tg::${name} ALIAS ${target})
  install(TARGETS ${target} EXPORT tg${initial}${rest}Targets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${component}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${component}
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endfunction()

tg_export(runtime machine tg_machine)
tg_export(runtime runtime tg_runtime)
tg_export(runtime c-runtime tg-c-runtime)
tg_export(c c tg-c)
foreach(pair options=tg_options support=TGSupport dialect=TGUOp analysis=TGAnalysis schedule=TGSchedule builder=TGBuilder graph=TGGraph engine=TGEngine codegen=TGCodegen
    target-cpu=TGTargetCpu target=TGTarget onnx-proto=TGOnnxProto import=TGImport export=TGExport interp=TGInterp
    compiler=TGCompiler)
  string(REPLACE "=" ";" pair ${pair})
  tg_export(compiler ${pair})
endforeach()
add_library(TGPasses INTERFACE)
target_link_libraries(TGPasses INTERFACE TGGraph TGEngine TGCodegen)
tg_export(compiler passes TGPasses)

# Where libMLIR was found at build time, as it may lie outside of the system's folders.
set_target_properties(tg-opt tg-run tg-translate tg-reduce tg-lsp-server PROPERTIES
  INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS tg-opt tg-run tg-translate tg-reduce tg-lsp-server
  RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT compiler)
install(TARGETS tg-exec tg-plan-memory RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT runtime)

# The headers of the runtime stand alone; the compiler's need MLIR's, and what TableGen made of the
# .td files.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tg/Runtime
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tg COMPONENT runtime FILES_MATCHING PATTERN "*.h")
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tg/Machine
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tg COMPONENT runtime FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_SOURCE_DIR}/include/tg-c/Base.h ${PROJECT_SOURCE_DIR}/include/tg-c/Runtime.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tg-c COMPONENT runtime)
install(FILES ${PROJECT_SOURCE_DIR}/include/tg-c/Compiler.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tg-c COMPONENT c)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tg ${PROJECT_BINARY_DIR}/include/tg
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT compiler
  FILES_MATCHING PATTERN "*.h" PATTERN "*.td" PATTERN "*.h.inc"
  PATTERN Runtime EXCLUDE PATTERN Machine EXCLUDE PATTERN Testing EXCLUDE PATTERN CMakeFiles EXCLUDE)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/tgConfig.cmake.in
  ${PROJECT_BINARY_DIR}/tgConfig.cmake INSTALL_DESTINATION ${TG_PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tgConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tgConfig.cmake ${PROJECT_BINARY_DIR}/tgConfigVersion.cmake
  DESTINATION ${TG_PACKAGE_DIR} COMPONENT runtime)
foreach(component Runtime C Compiler)
  string(TOLOWER ${component} lower)
  install(EXPORT tg${component}Targets NAMESPACE tg:: DESTINATION ${TG_PACKAGE_DIR}
    COMPONENT ${lower})
  export(EXPORT tg${component}Targets NAMESPACE tg::
    FILE ${PROJECT_BINARY_DIR}/tg${component}Targets.cmake)
endforeach()
