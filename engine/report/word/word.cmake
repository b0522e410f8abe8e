# Puts what Word files are made with into a source file, WORD_SOURCE: the reference document, packed from
# its parts beside this file, and the filter that pandoc runs.
set(WORD_FOLDER ${CMAKE_CURRENT_LIST_DIR})
set(WORD_SOURCE ${CMAKE_BINARY_DIR}/generated/word_assets.cpp)
set(WORD_ARCHIVE ${CMAKE_BINARY_DIR}/generated/reference.docx)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated)
execute_process(
  COMMAND ${CMAKE_COMMAND} -E tar cf ${WORD_ARCHIVE} --format=zip --mtime=2000-01-01 -- [Content_Types].xml _rels word
  WORKING_DIRECTORY ${WORD_FOLDER}/parts COMMAND_ERROR_IS_FATAL ANY)
file(READ ${WORD_ARCHIVE} bytes HEX)
string(LENGTH "${bytes}" size)
math(EXPR size "${size} / 2")
string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
# Lines of 64 bytes.
string(REPEAT "...." 64 line)
string(REGEX REPLACE "(${line})" "\\1\"\n\"" bytes "${bytes}")
file(READ ${WORD_FOLDER}/tables.lua filter)
file(WRITE ${WORD_SOURCE}.new "#include \"engine/report/word_report.h\"

namespace amnok {
extern const std::string_view kWordReference(\n\"${bytes}\", ${size});
extern const std::string_view kWordFilter =\nR\"amnok(${filter})amnok\";
}  // namespace amnok
")
file(COPY_FILE ${WORD_SOURCE}.new ${WORD_SOURCE} ONLY_IF_DIFFERENT)
file(GLOB_RECURSE parts CONFIGURE_DEPENDS ${WORD_FOLDER}/parts/*.xml ${WORD_FOLDER}/parts/*.rels)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${WORD_FOLDER}/tables.lua ${parts})
