// libxlsxwriter, loaded when a workbook is written: it brings a library of cryptography along, whose
// start would take a millisecond of every run.
#pragma once

#include <xlsxwriter.h>

namespace amnok {

// The address of one of its functions; an input error where it is not installed.
void* xlsx_function(const char* name);

// Its functions under their own names.
struct XlsxLibrary {
#define AMNOK_XLSX(name) \
  decltype(&::name) name = reinterpret_cast<decltype(&::name)>(xlsx_function(#name))
  AMNOK_XLSX(format_set_align);
  AMNOK_XLSX(format_set_bold);
  AMNOK_XLSX(format_set_bottom);
  AMNOK_XLSX(format_set_font_color);
  AMNOK_XLSX(format_set_italic);
  AMNOK_XLSX(format_set_num_format);
  AMNOK_XLSX(lxw_strerror);
  AMNOK_XLSX(lxw_workbook_free);
  AMNOK_XLSX(workbook_add_format);
  AMNOK_XLSX(workbook_add_worksheet);
  AMNOK_XLSX(workbook_close);
  AMNOK_XLSX(workbook_new);
  AMNOK_XLSX(workbook_set_properties);
  AMNOK_XLSX(worksheet_autofilter);
  AMNOK_XLSX(worksheet_fit_to_pages);
  AMNOK_XLSX(worksheet_freeze_panes);
  AMNOK_XLSX(worksheet_merge_range);
  AMNOK_XLSX(worksheet_repeat_rows);
  AMNOK_XLSX(worksheet_set_column);
  AMNOK_XLSX(worksheet_set_landscape);
  AMNOK_XLSX(worksheet_set_paper);
  AMNOK_XLSX(worksheet_write_number);
  AMNOK_XLSX(worksheet_write_string);
#undef AMNOK_XLSX
};

const XlsxLibrary& xlsx();  // loaded at the first call

}  // namespace amnok
