// Published critical values of the Bai-Perron tests (Bai & Perron 1998, Econometrica 66, 47-78;
// 2003, Econometrics Journal 6, 72-78, "Critical values for multiple structural change tests"),
// as the authors' programs hold them.
//
// They refer to statistics divided by the number of breaks but not by the number q of coefficients
// that change. Nothing is interpolated or extrapolated.
#pragma once

#include <string>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

enum class BaiPerronStatistic {
  sup_f,       // supF(0 | k): index is k, from 1
  sequential,  // supF(l + 1 | l): index is l, from 0
  udmax,       // index is not used
  wdmax
};

struct CriticalValue {
  double value = kMissing;
  std::string words;  // why there is none
};

// trimming: 0.05, 0.10, 0.15, 0.20 or 0.25. level: 0.10, 0.05, 0.025 or 0.01. q: 1 .. 10. Breaks
// go up to 9, 8, 5, 3 and 2 for supF(0 | k), by trimming; l up to 9.
CriticalValue bai_perron_critical_value(BaiPerronStatistic statistic, double trimming, double level,
                                        int q, int index);

// The levels and trimmings of the tables; how many breaks they reach, 0 for another trimming.
const std::vector<double>& bai_perron_levels();
const std::vector<double>& bai_perron_trimmings();
int bai_perron_most_breaks(double trimming);

}  // namespace amnok
