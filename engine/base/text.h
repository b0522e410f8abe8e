// Small text helpers: numbers to and from text without locale, joining, splitting.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace amnok {

std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);
std::string join(std::span<const std::string> parts, std::string_view separator);
bool starts_with(std::string_view text, std::string_view prefix);
std::string to_lower(std::string_view text);

// The whole text as one finite or infinite decimal number ("1e-3", "-2"); nothing otherwise.
std::optional<double> parse_double(std::string_view text);
std::optional<long long> parse_integer(std::string_view text);

// Shortest text that reads back as the same double; "nan" is never printed: NaN gives "".
std::string format_number(double value);

// `digits` significant digits, no exponent for 1e-4 <= |value| < 1e15; for people, not for files.
std::string format_significant(double value, int digits);

// Terminal columns a UTF-8 text takes: Hangul and CJK count two.
int display_width(std::string_view text);

std::string read_file(const std::string& path);  // throws InputError

}  // namespace amnok
