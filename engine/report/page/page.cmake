# Puts what report.html carries into a source file, PAGE_SOURCE: the style sheet and script beside this
# file, and the modules of D3 in the order in which they need each other (Debian: node-d3-*).
set(PAGE_FOLDER ${CMAKE_CURRENT_LIST_DIR})
set(PAGE_SOURCE ${CMAKE_BINARY_DIR}/generated/html_assets.cpp)
set(CHART_FILES "")
set(CHART_VERSIONS "")
foreach(module array interpolate format scale path shape selection axis)
  string(TOUPPER D3_${module} variable)
  find_file(${variable} d3-${module}.min.js REQUIRED
    PATHS /usr/share/nodejs/d3-${module}/dist /usr/share/javascript/d3-${module}
    NO_DEFAULT_PATH DOC "D3's module ${module}, minified")
  mark_as_advanced(${variable})
  list(APPEND CHART_FILES ${${variable}})
  file(STRINGS ${${variable}} head LIMIT_COUNT 1)
  string(REGEX REPLACE ".* v([0-9.]+) .*" "\\1" version "${head}")
  list(APPEND CHART_VERSIONS "d3-${module} ${version}")
endforeach()
list(JOIN CHART_VERSIONS ", " CHART_VERSIONS)

# A constant with the bytes of files, a raw string each.
function(page_constant name result)
  set(text "extern const std::string_view ${name} =\n")
  foreach(file ${ARGN})
    file(READ ${file} bytes)
    string(APPEND text "R\"amnok(${bytes})amnok\"\n")
  endforeach()
  set(${result} "${text};\n" PARENT_SCOPE)
endfunction()

page_constant(kReportStyle STYLE ${PAGE_FOLDER}/report.css)
page_constant(kReportScript SCRIPT ${PAGE_FOLDER}/report.js)
page_constant(kChartLibrary LIBRARY ${PAGE_FOLDER}/d3_licence.txt ${CHART_FILES})
file(WRITE ${PAGE_SOURCE}.new "#include \"engine/report/html_assets.h\"

namespace amnok {
${STYLE}
${SCRIPT}
${LIBRARY}
extern const std::string_view kChartLibraryVersions = \"${CHART_VERSIONS}\";
}  // namespace amnok
")
file(COPY_FILE ${PAGE_SOURCE}.new ${PAGE_SOURCE} ONLY_IF_DIFFERENT)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
  ${PAGE_FOLDER}/report.css ${PAGE_FOLDER}/report.js ${PAGE_FOLDER}/d3_licence.txt ${CHART_FILES})
