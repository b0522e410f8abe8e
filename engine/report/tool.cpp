#include "engine/report/tool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

#include "engine/base/text.h"

namespace amnok {

namespace {

void write_all(int fd, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t n = write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // the tool has stopped reading; its exit code tells why
    done += static_cast<std::size_t>(n);
  }
}

}  // namespace

bool has_tool(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : split(path == nullptr ? "" : path, ':')) {
    if (access((std::string(folder) + "/" + name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

ToolResult run_tool(const std::vector<std::string>& argv, const std::string& folder,
                    const std::string& input, const std::vector<std::string>& environment) {
  ToolResult result;
  std::array<int, 2> in{}, err{};
  if (pipe2(in.data(), O_CLOEXEC) != 0) return result;
  if (pipe2(err.data(), O_CLOEXEC) != 0) {
    close(in[0]);
    close(in[1]);
    return result;
  }
  std::vector<char*> arguments;
  for (const std::string& a : argv) arguments.push_back(const_cast<char*>(a.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> added;
  for (const std::string& entry : environment) added.push_back(const_cast<char*>(entry.c_str()));
  const pid_t child = fork();
  if (child == 0) {
    for (char* entry : added) putenv(entry);
    dup2(in[0], STDIN_FILENO);
    dup2(err[1], STDERR_FILENO);
    const int null = open("/dev/null", O_WRONLY);
    if (null >= 0) dup2(null, STDOUT_FILENO);
    if (!folder.empty() && chdir(folder.c_str()) != 0) _exit(126);
    execvp(arguments[0], arguments.data());
    _exit(127);  // not found
  }
  close(in[0]);
  close(err[1]);
  if (child > 0) {
    struct sigaction ignore {
    }, before{};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &before);
    write_all(in[1], input);
    close(in[1]);
    std::array<char, 4096> buffer{};
    ssize_t n = 0;
    while ((n = read(err[0], buffer.data(), buffer.size())) > 0) {
      result.errors.append(buffer.data(), static_cast<std::size_t>(n));
    }
    int status = 0;
    waitpid(child, &status, 0);
    sigaction(SIGPIPE, &before, nullptr);
    result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result.started = result.exit_code != 127;
  } else {
    close(in[1]);
  }
  close(err[0]);
  return result;
}

}  // namespace amnok
