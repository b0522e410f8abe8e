// Years from draws: against sums by hand, and against what is known of sums.
#include "engine/scenario/annual.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "tests/support/study_fixture.h"

namespace amnok {

namespace {

Period month(int year, int number) {
  return {Frequency::monthly, 12 * static_cast<std::int64_t>(year) + number - 1};
}

const AnnualPath& path_of(const std::vector<AnnualPath>& paths, const std::string& scenario,
                          const std::string& variable) {
  const auto at = std::find_if(paths.begin(), paths.end(), [&](const AnnualPath& path) {
    return path.scenario == scenario && path.variable == variable;
  });
  REQUIRE(at != paths.end());
  return *at;
}

struct Years {
  Solved solved;
  Frame observed;
  std::vector<AnnualPath> paths;

  explicit Years(const StudyFixture& fixture) : solved(solve_fixture(fixture)) {
    observed = observed_values(solved.study, solved.data);
    paths = of({"m", "p", "balance", "balance_3m"}, 1);
  }
  std::vector<AnnualPath> of(const std::vector<std::string>& variables, int threads) const {
    return annual_paths(solved.study, observed, solved.system->history(), solved.ensemble,
                        variables, threads);
  }
};

}  // namespace

TEST_CASE("annual: weeks belong to the year of their Monday, months and quarters to theirs") {
  CHECK(periods_of_year(2022, Frequency::monthly) == PeriodRange{month(2022, 1), 12});
  CHECK(periods_of_year(2022, Frequency::quarterly).count == 4);
  CHECK(periods_of_year(2022, Frequency::annual).count == 1);
  CHECK(periods_of_year(2024, Frequency::daily).count == 366);
  for (int year = 2015; year < 2030; ++year) {
    const PeriodRange weeks = periods_of_year(year, Frequency::weekly);
    CHECK((weeks.count == 52 || weeks.count == 53));
    CHECK(weeks.last() + 1 == periods_of_year(year + 1, Frequency::weekly).first);
    CHECK(year_of(weeks.first) == year);
    CHECK(year_of(weeks.last()) == year);
  }
}

TEST_CASE("annual: flows are summed, levels averaged, running sums taken at the end of the year") {
  const Years years{StudyFixture()};
  const Study& study = years.solved.study;
  CHECK(annual_rule(study, "m") == AnnualRule::sum);
  CHECK(annual_rule(study, "p") == AnnualRule::mean);
  CHECK(annual_rule(study, "balance_3m") == AnnualRule::last);
}

TEST_CASE("annual: a projected year is the distribution of sums, not the sum of quantiles") {
  const Years years{StudyFixture()};
  const DrawMatrix& draws = years.solved.ensemble.at("open", "m");
  const AnnualYear& year = path_of(years.paths, "open", "m").years.at(0);
  CHECK(year.year == 2022);
  CHECK(year.coverage.projected == 12);
  std::vector<double> sums;
  double mean = 0, sum_of_low = 0;
  for (Eigen::Index r = 0; r < draws.cols(); ++r) {
    double total = 0;
    for (Eigen::Index h = 0; h < draws.rows(); ++h) total += draws(h, r);
    sums.push_back(total);
    mean += total / static_cast<double>(draws.cols());
  }
  std::sort(sums.begin(), sums.end());
  for (Eigen::Index h = 0; h < draws.rows(); ++h) {
    sum_of_low += summarise(draws.row(h)).quantile(0.05);
  }
  CHECK(year.distribution.mean == Approx(mean));
  CHECK(year.distribution.median() == Approx(0.5 * (sums[199] + sums[200])));
  CHECK(year.distribution.quantile(0.05) > sum_of_low);  // months are not all low at once
}

TEST_CASE("annual: a year over all scenarios pools their draws by the probabilities") {
  std::string toml = StudyFixture::scenarios_toml();
  for (const auto& [scenario, probability] :
       {std::pair("stay", "0.5"), std::pair("same", "0.2"), std::pair("open", "0.3")}) {
    const std::string head = std::string("[scenarios.") + scenario + "]\n";
    toml.insert(toml.find(head) + head.size(), std::string("probability = ") + probability + "\n");
  }
  const Years years{StudyFixture(toml)};
  const AnnualYear& mixed = path_of(years.paths, "mixture", "m").years.at(0);
  const auto mean = [&](const char* scenario) {
    return path_of(years.paths, scenario, "m").years.at(0).distribution.mean;
  };
  CHECK(mixed.distribution.mean ==
        Approx(0.5 * mean("stay") + 0.2 * mean("same") + 0.3 * mean("open")));
  CHECK(mixed.coverage.projected == 12);
  const Years without{StudyFixture()};
  CHECK(std::none_of(without.paths.begin(), without.paths.end(),
                     [](const AnnualPath& path) { return path.scenario == "mixture"; }));
}

TEST_CASE("annual: recorded years are sums and means of the data") {
  const Years years{StudyFixture()};
  const Series &m = years.observed.get("m"), &p = years.observed.get("p");
  double total = 0, mean = 0;
  for (int k = 1; k <= 12; ++k) {
    total += m.at(month(2020, k));
    mean += p.at(month(2020, k)) / 12;
  }
  const AnnualYear &flow = path_of(years.paths, "", "m").years.at(6),
                   &level = path_of(years.paths, "", "p").years.at(6);
  CHECK(flow.year == 2020);
  CHECK(flow.value == Approx(total));
  CHECK(flow.coverage.known == 12);
  CHECK(level.value == Approx(mean));
  CHECK(path_of(years.paths, "", "balance_3m").years.at(6).value ==
        Approx(years.observed.get("balance_3m").at(month(2020, 12))));
}

TEST_CASE("annual: an identity of flows holds for years, recorded and in every draw") {
  const Years years{StudyFixture()};
  const std::vector<AnnualPath> paths = years.of({"m", "x", "balance"}, 1);
  for (const char* scenario : {"", "open"}) {
    const auto &m = path_of(paths, scenario, "m").years, &x = path_of(paths, scenario, "x").years,
               &balance = path_of(paths, scenario, "balance").years;
    for (std::size_t i = 0; i < balance.size(); ++i) {
      const bool past = *scenario == '\0';
      const auto value = [&](const AnnualYear& y) { return past ? y.value : y.distribution.mean; };
      CHECK(value(balance[i]) == Approx(value(x[i]) - value(m[i])));
    }
  }
}

TEST_CASE("annual: a year across the origin holds its recorded months") {
  StudyFixture fixture;
  std::string config = fixture.folder.read("study.toml");
  config.replace(config.find("2014-01..2021-12"), 16, "2014-01..2021-04");
  fixture.folder.write("study.toml", config);
  const Years years{fixture};
  const AnnualYear& year = path_of(years.paths, "stay", "m").years.at(0);
  CHECK(year.year == 2021);
  CHECK(year.coverage.known == 4);
  CHECK(year.coverage.projected == 8);
  const DrawMatrix& draws = years.solved.ensemble.at("stay", "m");
  double known = 0, realised = 0;
  for (int k = 1; k <= 12; ++k) {
    const double value = years.observed.get("m").at(month(2021, k));
    realised += value;
    if (k <= 4) known += value;
  }
  CHECK(year.distribution.mean == Approx(known + draws.topRows(8).colwise().sum().mean()));
  CHECK(year.realised == Approx(realised));
  // The year after it is cut by the end of the horizon.
  const AnnualYear& cut = path_of(years.paths, "stay", "m").years.at(1);
  CHECK(cut.coverage.projected == 4);
  CHECK(cut.coverage.missing == 8);
  CHECK(std::isnan(cut.realised));
}

TEST_CASE("annual: a published sum stands for its months; without one the equation fills them") {
  StudyFixture fixture;
  std::string csv = fixture.folder.read("data.csv");
  double sum = 0;  // of two months of 2020 whose figures are taken away
  for (const char* date : {"2020-01,", "2020-02,"}) {
    const auto at = csv.find(date) + 8, end = csv.find(',', at);
    sum += std::stod(csv.substr(at, end - at));
    csv.replace(at, end - at, "");
  }
  fixture.folder.write("data.csv", csv);
  const AnnualYear filled = path_of(Years{fixture}.paths, "", "m").years.at(6);
  CHECK(filled.coverage.estimated == 2);
  CHECK(filled.coverage.known == 10);

  Years years{fixture};
  Series m = years.observed.get("m");
  m.sums = {{{month(2020, 1), month(2020, 2)}, sum, 0, "", {}}};
  years.observed.add(m);
  const AnnualYear summed = path_of(years.of({"m"}, 1), "", "m").years.at(6);
  CHECK(summed.coverage.summed == 2);
  CHECK(summed.coverage.estimated == 0);
  const AnnualYear whole = path_of(Years{StudyFixture()}.paths, "", "m").years.at(6);
  CHECK(summed.value == Approx(whole.value));
}

TEST_CASE("annual: one and two threads give the same bits") {
  const Years years{StudyFixture()};
  const auto one = years.of({"m", "p"}, 1), two = years.of({"m", "p"}, 2);
  REQUIRE(one.size() == two.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    for (std::size_t y = 0; y < one[i].years.size(); ++y) {
      CHECK(one[i].years[y].distribution.quantiles == two[i].years[y].distribution.quantiles);
    }
  }
}

}  // namespace amnok
