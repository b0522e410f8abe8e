#include "engine/report/run_writer.h"

#include "engine/report/check_report.h"
#include "engine/report/counterfactual_figures.h"
#include "engine/report/counterfactual_report.h"
#include "engine/report/csv_report.h"
#include "engine/report/document_json.h"
#include "engine/report/figures.h"
#include "engine/report/fit_json.h"
#include "engine/report/html_report.h"
#include "engine/report/manifest.h"
#include "engine/report/run_document.h"
#include "engine/report/run_facts.h"
#include "engine/report/summary.h"

namespace amnok {

std::string write_run(const RunResults& run, RunFolder& folder, RunFiles wanted) {
  const bool drawn = wanted == RunFiles::all;
  folder.write("summary.txt", summary_text(run));
  folder.write("fits.json", fits_json(run.fits()));
  folder.write("checks.json", check_json(run.study, run.data, run.identities, run.issues));
  FigureResult figures;
  if (!run.projections.empty()) {
    folder.write("projections.csv", projections_csv(run));
    if (!run.paths.empty()) folder.write("paths.csv", paths_csv(run));
    if (!run.annual.empty()) folder.write("annual.csv", annual_csv(run));
    folder.write("effects.csv", effects_csv(run));
    folder.write("assumptions.csv", assumptions_csv(run));
    for (const auto& [name, text] : {std::pair("attribution.csv", attribution_csv(run)),
                                     std::pair("uncertainty.csv", uncertainty_csv(run)),
                                     std::pair("answers.csv", answers_csv(run))}) {
      if (!text.empty()) folder.write(name, text);
    }
    if (drawn) figures = draw_figures(run, folder);
  }
  if (!run.counterfactuals.empty()) {
    folder.write("counterfactuals.csv", counterfactuals_csv(run));
    if (drawn) draw_counterfactual_figures(run, folder, figures);
  }
  if (!run.claims.empty()) {
    folder.write("claims.csv", claims_csv(judge_claims(run.claims, run_facts(run))));
  }
  folder.write("report.json", document_json(report_document(run, figures.figures)));
  if (drawn) folder.write("report.html", html_report(run, figures));
  folder.write("manifest.json", manifest_json(run, folder.files(), figures.gnuplot));
  return figures.problem;
}

}  // namespace amnok
