#include "engine/report/report_files.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/report/latex_report.h"
#include "engine/report/markdown_report.h"
#include "engine/report/run_folder.h"
#include "engine/report/tool.h"
#include "engine/report/word_report.h"
#include "engine/report/xlsx_report.h"

namespace amnok {

namespace {

namespace fs = std::filesystem;

// The day that files are dated at: 2000-01-01, so that two of them are the same.
const std::vector<std::string> kFixedDay = {"SOURCE_DATE_EPOCH=946684800", "FORCE_SOURCE_DATE=1",
                                            "TZ=UTC"};

// A folder for programs to work in, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "amnok-report-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) {
      throw InputError("no temporary folder can be made", "set TMPDIR to a writable folder");
    }
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void make_folder(const std::string& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) throw InputError(fmt::format("cannot make {}: {}", path, error.message()));
}

std::string first_line(std::string_view text) {
  const std::string_view line = trim(text);
  return std::string(line.substr(0, line.find('\n')));
}

// Copies through a temporary name, so that nothing half-written is left.
void place(const std::string& from, const std::string& to) {
  write_file(to, read_file(from));
}

class ReportFiles {
 public:
  ReportFiles(const Document& document, std::string run, std::string output)
      : document_(document), run_(std::move(run)), output_(std::move(output)) {}

  void write(const std::string& format) {
    try {
      if (format == "html") html();
      if (format == "md") markdown();
      if (format == "latex") latex();
      if (format == "xlsx") xlsx();
      if (format == "docx") docx();
      if (format == "pdf") pdf();
    } catch (const InputError& error) {
      for (const InputProblem& problem : error.problems()) written_.problems.push_back(problem);
    }
  }

  WrittenReport written() && { return std::move(written_); }

 private:
  std::string out(const std::string& name) const { return output_ + "/" + name; }

  bool elsewhere() const {
    std::error_code error;
    return !fs::equivalent(run_, output_, error);
  }

  void add(const std::string& name) { written_.files.push_back(out(name)); }

  void html() {
    std::error_code error;
    if (!fs::exists(run_ + "/report.html", error)) {
      throw InputError(fmt::format("{} has no report.html: it was run with --numbers", run_),
                       "run it again without, or ask for md, latex, xlsx, docx or pdf");
    }
    if (elsewhere()) place(run_ + "/report.html", out("report.html"));
    add("report.html");
  }

  void markdown() {
    copy_figures(output_);
    write_file(out("report.md"), markdown_report(document_));
    add("report.md");
  }

  void latex() {
    copy_figures(output_);
    const bool drawn = draw(output_ + "/figures", "pdf");
    write_file(out("report.tex"), latex_report(document_, drawn));
    add("report.tex");
    make_folder(out("tables"));
    for (const DocumentTable* table : tables_of(document_)) {
      write_file(out("tables/" + file_name(table->id) + ".tex"), latex_table(*table));
    }
  }

  void xlsx() {
    const ScratchFolder scratch;
    write_xlsx(document_, scratch.path() + "/report.xlsx");
    place(scratch.path() + "/report.xlsx", out("report.xlsx"));
    add("report.xlsx");
  }

  void docx() {
    const ScratchFolder scratch;
    write_file(scratch.path() + "/reference.docx", std::string(kWordReference));
    write_file(scratch.path() + "/tables.lua", word_filter(document_));
    pandoc(scratch.path(), "report.docx",
           {"--reference-doc=reference.docx", "--lua-filter=tables.lua"});
    place(scratch.path() + "/report.docx", out("report.docx"));
    add("report.docx");
  }

  void pdf() {
    const ScratchFolder scratch;
    const bool unicode = needs_unicode_tex(document_);
    const std::string engine =
        first_installed(unicode ? std::vector<std::string>{"xelatex", "lualatex"}
                                : std::vector<std::string>{"pdflatex", "xelatex", "lualatex"});
    if (!engine.empty()) {
      typeset(scratch.path(), engine);
    } else {
      const std::string html = first_installed({"weasyprint", "wkhtmltopdf", "prince"});
      if (html.empty()) {
        throw InputError(
            fmt::format("pdf needs {}, or pandoc with weasyprint or wkhtmltopdf, but none of them "
                        "is installed",
                        unicode ? "xelatex or lualatex" : "pdflatex, xelatex or lualatex"),
            unicode ? "on Debian: apt-get install texlive-xetex fonts-noto-cjk"
                    : "on Debian: apt-get install texlive-latex-base texlive-latex-recommended");
      }
      pandoc(scratch.path(), "report.pdf", {"--pdf-engine=" + html});
    }
    place(scratch.path() + "/report.pdf", out("report.pdf"));
    add("report.pdf");
  }

  static std::string first_installed(const std::vector<std::string>& names) {
    const auto at = std::find_if(names.begin(), names.end(), has_tool);
    return at == names.end() ? "" : *at;
  }

  void typeset(const std::string& folder, const std::string& engine) {
    const bool drawn = draw(folder + "/figures", "pdf");
    write_file(folder + "/report.tex", latex_report(document_, drawn));
    // Twice: the columns of long tables are known after the first.
    for (int pass = 0; pass < 2; ++pass) {
      const ToolResult tex =
          run_tool({engine, "-interaction=batchmode", "-halt-on-error", "report.tex"}, folder, "",
                   kFixedDay);
      if (tex.exit_code != 0) throw InputError(tex_problem(engine, folder));
    }
  }

  // The first complaint of TeX's log.
  static std::string tex_problem(const std::string& engine, const std::string& folder) {
    std::string log;
    std::error_code error;
    if (fs::exists(folder + "/report.log", error)) log = read_file(folder + "/report.log");
    const auto at = log.find("\n! ");
    return fmt::format(
        "{} could not set report.tex: {}", engine,
        at == std::string::npos ? "it left no reason in its log" : first_line(log.substr(at + 3)));
  }

  void pandoc(const std::string& folder, const std::string& file,
              const std::vector<std::string>& options) {
    if (!has_tool("pandoc")) {
      throw InputError(fmt::format("{} needs pandoc, but it is not installed", file),
                       "on Debian: apt-get install pandoc");
    }
    const bool drawn = draw(folder + "/figures", "png");
    std::vector<std::string> command = {"pandoc", "--from=gfm", "--standalone",
                                        "--shift-heading-level-by=-1", "--output=" + file};
    command.insert(command.end(), options.begin(), options.end());
    Document shown = document_;
    if (!drawn) leave_out_figures(shown);
    const ToolResult result = run_tool(command, folder, markdown_report(shown, "png"), kFixedDay);
    if (!result.started || result.exit_code != 0) {
      throw InputError(
          fmt::format("pandoc could not write {}: {}", file, first_line(result.errors)));
    }
  }

  static void leave_out_figures(Document& document) {
    for (DocumentSection& section : document.sections) {
      std::erase_if(section.blocks, [](const DocumentBlock& block) {
        return std::holds_alternative<DocumentFigure>(block);
      });
    }
  }

  // Figures with their data and scripts, so that a report in another folder is whole.
  void copy_figures(const std::string& folder) {
    std::error_code error;
    if (!elsewhere() || !fs::exists(run_ + "/figures", error)) return;
    make_folder(folder + "/figures");
    for (const auto& entry : fs::directory_iterator(run_ + "/figures", error)) {
      if (!entry.is_regular_file(error)) continue;
      place(entry.path().string(), folder + "/figures/" + entry.path().filename().string());
    }
  }

  // Draws every figure anew from its script as NAME.pdf or NAME.png; false: there is no gnuplot, or
  // it failed.
  bool draw(const std::string& folder, const std::string& kind) {
    std::string scripts;
    for (const DocumentFigure* figure : figures_of(document_)) {
      const std::string script = run_ + "/figures/" + figure->name + ".gp";
      std::error_code error;
      if (figure->drawn && fs::exists(script, error)) {
        scripts += "reset\n" + with_terminal(read_file(script), kind, folder, figure->name);
      }
    }
    if (scripts.empty()) return true;
    make_folder(folder);
    const ToolResult gnuplot = run_tool({"gnuplot", "-"}, run_ + "/figures", scripts, kFixedDay);
    const bool drawn = gnuplot.started && gnuplot.exit_code == 0;
    for (const DocumentFigure* figure : figures_of(document_)) {
      if (drawn && kind == "pdf") forget_clock(folder + "/" + figure->name + ".pdf");
    }
    return drawn;
  }

  // Cairo dates its files by the clock, whatever it is told: fourteen digits, here of a fixed day.
  static void forget_clock(const std::string& path) {
    constexpr std::string_view kMark = "/CreationDate (D:", kDay = "20000101000000";
    std::error_code error;
    if (!fs::exists(path, error)) return;
    std::string content = read_file(path);
    const auto at = content.rfind(kMark);
    if (at == std::string::npos || at + kMark.size() + kDay.size() > content.size()) return;
    content.replace(at + kMark.size(), kDay.size(), kDay);
    write_file(path, content);
  }

  // The script with another terminal and file; the SVG's size in points is that of the page.
  static std::string with_terminal(const std::string& script, const std::string& kind,
                                   const std::string& folder, const std::string& name) {
    std::string text;
    for (const std::string_view line : split(script, '\n')) {
      if (starts_with(line, "set terminal svg size ")) {
        const std::vector<std::string_view> words = split(line, ' ');
        const std::vector<std::string_view> sides = split(words[4], ',');
        const double width = parse_double(sides[0]).value_or(800),
                     height = parse_double(sides.back()).value_or(600);
        text += kind == "pdf" ? fmt::format(
                                    "set terminal pdfcairo size {:.3f}in,{:.3f}in font 'sans,11' "
                                    "noenhanced background 'white'\n",
                                    width / 96, height / 96)
                              : fmt::format(
                                    "set terminal pngcairo size {:.0f},{:.0f} font 'sans,11' "
                                    "fontscale 2 linewidth 2 pointscale 2 noenhanced background "
                                    "'white'\n",
                                    2 * width, 2 * height);
      } else if (starts_with(line, "set output '")) {
        text += fmt::format("set output '{}/{}.{}'\n", fs::absolute(folder).string(), name, kind);
      } else {
        text += std::string(line) + "\n";
      }
    }
    return text;
  }

  static std::string file_name(std::string name) {
    std::replace(name.begin(), name.end(), '/', '_');
    return name;
  }

  const Document& document_;
  std::string run_, output_;
  WrittenReport written_;
};

}  // namespace

const std::vector<std::string>& report_formats() {
  static const std::vector<std::string> formats = {"html", "md", "latex", "xlsx", "docx", "pdf"};
  return formats;
}

WrittenReport write_report_files(const Document& document, const std::string& run,
                                 const std::string& output,
                                 const std::vector<std::string>& formats) {
  make_folder(output);
  ReportFiles files(document, run, output);
  for (const std::string& format : formats) files.write(format);
  return std::move(files).written();
}

}  // namespace amnok
