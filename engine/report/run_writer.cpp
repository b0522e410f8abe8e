#include "engine/report/run_writer.h"

#include "engine/report/check_report.h"
#include "engine/report/csv_report.h"
#include "engine/report/figures.h"
#include "engine/report/fit_json.h"
#include "engine/report/html_report.h"
#include "engine/report/manifest.h"
#include "engine/report/summary.h"

namespace amnok {

std::string write_run(const RunResults& run, RunFolder& folder) {
  std::vector<const FitResult*> fits;
  for (const BehaviouralEquation& equation : run.equations) fits.push_back(&equation.fitted.result);
  folder.write("summary.txt", summary_text(run));
  folder.write("fits.json", fits_json(fits));
  folder.write("checks.json", check_json(run.study, run.data, run.identities, run.issues));
  FigureResult figures;
  if (!run.projections.empty()) {
    folder.write("projections.csv", projections_csv(run));
    if (!run.paths.empty()) folder.write("paths.csv", paths_csv(run));
    folder.write("effects.csv", effects_csv(run));
    folder.write("assumptions.csv", assumptions_csv(run));
    figures = draw_figures(run, folder);
  }
  folder.write("report.html", html_report(run, figures));
  folder.write("manifest.json", manifest_json(run, folder.files(), figures.gnuplot));
  return figures.problem;
}

}  // namespace amnok
