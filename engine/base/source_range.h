// A place in an input file, for messages that point at it.
#pragma once

#include <string>

namespace amnok {

struct SourceRange {
  std::string file;
  int line = 0;      // 1-based; 0: the whole file
  int column = 0;    // 1-based, in bytes; 0: the whole line
  int length = 1;    // bytes on that line
  std::string text;  // the line itself, without its end; empty if not known

  // A part of this range: `offset` bytes further on, `part` bytes long.
  SourceRange sub_range(int offset, int part) const {
    SourceRange result = *this;
    result.column = column + offset;
    result.length = part;
    return result;
  }
};

}  // namespace amnok
