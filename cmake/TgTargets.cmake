# Helpers: one library per source folder, linked against the shared libMLIR only.

# The cache of compiled kernels tells compilers apart by it.
add_link_options(-Wl,--build-id=sha1)

set(TG_WARNINGS -Wall -Wextra -Wno-unused-parameter -Wno-comment)

if(TG_SANITIZE)
  add_compile_options(
    -fsanitize=${TG_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${TG_SANITIZE})
endif()
if(TG_BUILD_FUZZERS)
  # The fuzzers are led by what code of tg's their inputs reach.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# tg_add_library(Name sources... [LINK libs...] [DEPENDS targets...])
# A compiler library: C++ without exceptions, MLIR headers precompiled.
function(tg_add_library name)
  cmake_parse_arguments(ARG "" "" "LINK;DEPENDS" ${ARGN})
  add_mlir_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS}
    DISABLE_INSTALL EXCLUDE_FROM_LIBMLIR
    DEPENDS TGUOpIncGen ${ARG_DEPENDS})
  mlir_target_link_libraries(${name} PUBLIC MLIR)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  # For projects that use the build tree; in this one all see these folders.
  target_include_directories(${name} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>)
  tg_compile_options(${name})
endfunction()

# tg_add_tool(name sources... [LINK libs...])
function(tg_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK;DEPENDS" ${ARGN})
  add_llvm_executable(${name} ${ARG_UNPARSED_ARGUMENTS} DEPENDS TGUOpIncGen ${ARG_DEPENDS})
  mlir_target_link_libraries(${name} PRIVATE MLIR)
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  tg_compile_options(${name})
endfunction()

function(tg_compile_options name)
  foreach(target ${name} obj.${name})
    if(TARGET ${target})
      target_compile_options(${target} PRIVATE ${TG_WARNINGS})
      target_precompile_headers(${target} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/TgPch.h)
    endif()
  endforeach()
endfunction()
