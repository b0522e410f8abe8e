#include "models/ets/ets_form.h"

namespace amnok {

std::string form_text(const EtsForm& form) {
  std::string text = form.multiplicative_error ? "ETS(M," : "ETS(A,";
  text += form.trend ? (form.damped ? "Ad," : "A,") : "N,";
  text += form.season == EtsForm::Season::none       ? "N)"
          : form.season == EtsForm::Season::additive ? "A)"
                                                     : "M)";
  return text;
}

std::string short_name(const EtsForm& form) {
  std::string name = form_text(form).substr(4);
  std::erase_if(name, [](char c) { return c == ')' || c == ','; });
  return name;
}

bool parse_form(const std::string& text, int period, EtsForm& form) {
  for (const EtsForm& candidate : candidate_forms(period, true)) {
    if (short_name(candidate) != text) continue;
    form = candidate;
    return true;
  }
  return false;
}

std::vector<EtsForm> candidate_forms(int period, bool positive) {
  using Season = EtsForm::Season;
  std::vector<Season> seasons = {Season::none};
  if (period > 1) {
    seasons.push_back(Season::additive);
    if (positive) seasons.push_back(Season::multiplicative);
  }
  std::vector<EtsForm> forms;
  for (bool multiplicative_error : {false, true}) {
    if (multiplicative_error && !positive) continue;
    for (int trend : {0, 1, 2}) {
      for (Season season : seasons) {
        if (!multiplicative_error && season == Season::multiplicative) continue;
        forms.push_back({multiplicative_error, trend > 0, trend == 2, season,
                         season == Season::none ? 1 : period});
      }
    }
  }
  return forms;
}

}  // namespace amnok
