// A run folder, written under a temporary name and renamed when it is complete, so that a killed
// run leaves nothing half-written and no earlier run is overwritten unless that was asked for.
#pragma once

#include <string>
#include <vector>

namespace amnok {

class RunFolder {
 public:
  // `wanted` must not exist unless `force`; its parents are made. Throws InputError.
  RunFolder(std::string wanted, bool force);
  ~RunFolder();  // removes an unfinished folder
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  const std::string& path() const { return temporary_; }  // while it is written
  const std::string& final_path() const { return final_; }
  void write(const std::string& name,
             const std::string& content);  // throws InputError (full disk, ...)
  // What it holds so far, pictures that a tool drew included: names inside the folder, sorted.
  std::vector<std::string> files() const;
  void finish();  // renames

 private:
  std::string final_, temporary_;
  bool force_ = false, done_ = false;
};

// A file on its own, by the same rule (temporary name, then rename), a part after the other.
class FileInParts {
 public:
  explicit FileInParts(std::string path);  // throws InputError, as the others
  ~FileInParts();                          // removes an unfinished file
  FileInParts(const FileInParts&) = delete;
  FileInParts& operator=(const FileInParts&) = delete;
  void add(const std::string& content);
  void finish();  // renames

 private:
  std::string path_, temporary_;
  int file_ = -1;
};
void write_file(const std::string& path, const std::string& content);

}  // namespace amnok
