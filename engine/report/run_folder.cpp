#include "engine/report/run_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine/base/input_error.h"
#include "engine/base/text.h"

namespace amnok {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const std::string& what, const std::string& path, int error) {
  throw InputError(fmt::format("cannot {} {}: {}", what, path, std::strerror(error)),
                   error == ENOSPC                     ? "the disk is full; nothing was left behind"
                   : error == EACCES || error == EROFS ? "choose another folder with -o"
                                                       : "");
}

int open_new(const std::string& path, const std::string& shown) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) fail("write", shown, errno);
  return file;
}

// 0, or what went wrong.
int write_all(int file, const std::string& content) {
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = ::write(file, content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    done += static_cast<std::size_t>(n);
  }
  return 0;
}

// `shown`: the name that the user knows the file by.
void write_new(const std::string& path, const std::string& shown, const std::string& content) {
  const int file = open_new(path, shown);
  const int error = write_all(file, content);
  if (close(file) != 0 && error == 0) fail("write", shown, errno);
  if (error != 0) fail("write", shown, error);
}

// What a killed run left behind: NAME.unfinished-PID of a process that is no more.
void remove_stale(const fs::path& parent, const std::string& name) {
  const std::string prefix = name + ".unfinished-";
  std::error_code error;
  std::vector<fs::path> stale;
  for (const auto& entry : fs::directory_iterator(parent.empty() ? "." : parent, error)) {
    const std::string file = entry.path().filename().string();
    if (!starts_with(file, prefix)) continue;
    const auto pid = parse_integer(file.substr(prefix.size()));
    if (pid && *pid > 0 && kill(static_cast<pid_t>(*pid), 0) != 0 && errno == ESRCH) {
      stale.push_back(entry.path());
    }
  }
  for (const fs::path& path : stale) fs::remove_all(path, error);
}

}  // namespace

RunFolder::RunFolder(std::string wanted, bool force) : final_(std::move(wanted)), force_(force) {
  while (final_.size() > 1 && final_.back() == '/') final_.pop_back();
  std::error_code error;
  if (fs::exists(final_, error) && !force) {
    throw InputError(fmt::format("{} exists, but a run is written to a new folder", final_),
                     "choose another folder with -o, or overwrite it with --force");
  }
  if (force && fs::exists(final_, error) &&
      !fs::exists(fs::path(final_) / "manifest.json", error) && !fs::is_empty(final_, error)) {
    throw InputError(fmt::format("{} is not a run folder (it has no manifest.json)", final_),
                     "--force replaces runs only");
  }
  const fs::path parent = fs::path(final_).parent_path();
  if (!parent.empty()) {
    fs::create_directories(parent, error);
    if (error) fail("make", parent.string(), error.value());
  }
  remove_stale(parent, fs::path(final_).filename().string());
  temporary_ = final_ + fmt::format(".unfinished-{}", getpid());
  fs::remove_all(temporary_, error);
  if (!fs::create_directory(temporary_, error)) fail("make", temporary_, error.value());
}

RunFolder::~RunFolder() {
  if (done_) return;
  std::error_code error;
  fs::remove_all(temporary_, error);
}

void RunFolder::write(const std::string& name, const std::string& content) {
  const fs::path path = fs::path(temporary_) / name;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  write_new(path.string(), (fs::path(final_) / name).string(), content);
}

std::vector<std::string> RunFolder::files() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(temporary_, error)) {
    if (!entry.is_regular_file(error)) continue;
    names.push_back(entry.path().lexically_relative(temporary_).generic_string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void RunFolder::finish() {
  std::error_code error;
  const std::string old = temporary_ + ".old";
  if (force_ && fs::exists(final_, error)) {
    fs::rename(final_, old, error);
    if (error) fail("replace", final_, error.value());
  }
  fs::rename(temporary_, final_, error);
  if (error) fail("rename to", final_, error.value());
  done_ = true;
  fs::remove_all(old, error);
}

FileInParts::FileInParts(std::string path)
    : path_(std::move(path)), temporary_(path_ + fmt::format(".unfinished-{}", getpid())) {
  remove_stale(fs::path(path_).parent_path(), fs::path(path_).filename().string());
  file_ = open_new(temporary_, path_);
}

FileInParts::~FileInParts() {
  if (temporary_.empty()) return;
  if (file_ >= 0) close(file_);
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void FileInParts::add(const std::string& content) {
  if (const int error = write_all(file_, content)) fail("write", path_, error);
}

void FileInParts::finish() {
  const int closed = close(file_), closing = errno;
  file_ = -1;
  if (closed != 0) fail("write", path_, closing);
  std::error_code error;
  fs::rename(temporary_, path_, error);
  if (error) fail("write", path_, error.value());
  temporary_.clear();
}

void write_file(const std::string& path, const std::string& content) {
  FileInParts file(path);
  file.add(content);
  file.finish();
}

}  // namespace amnok
