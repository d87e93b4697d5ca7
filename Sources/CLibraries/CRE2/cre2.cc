#include "cre2.h"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

namespace {

// Shorter atoms would make nearly every pattern a candidate, longer ones leave patterns without any atom: with 4 the
// browsers' patterns took 24 to 30 microseconds, with 2 they take 3.6.
constexpr int kMinAtomLength = 2;
// Most groups a caller may ask for: uap-core uses $1 to $9, and the whole match.
constexpr size_t kMaxGroups = 10;
// RE2's budget per pattern: program and cached automaton states. All of uap-core's patterns compile within it; the
// default of 8 MB would let hostile texts grow 1,162 state caches to gigabytes.
constexpr int64_t kMaxPatternMemory = 2 << 20;

unsigned char Lower(unsigned char byte) { return byte >= 'A' && byte <= 'Z' ? byte + 32 : byte; }

// Aho-Corasick over the atoms as a complete transition table. Bytes that occur in no atom share one column, which
// keeps the table within a few hundred KB.
class AtomAutomaton {
 public:
  void Build(const std::vector<std::string> &atoms) {
    columns_.fill(0);
    width_ = 1;
    for (const auto &atom : atoms)
      for (unsigned char byte : atom)
        if (columns_[byte] == 0) columns_[byte] = static_cast<uint16_t>(width_++);
    for (int byte = 'A'; byte <= 'Z'; ++byte) columns_[byte] = columns_[Lower(static_cast<unsigned char>(byte))];

    next_.assign(width_, 0);
    std::vector<std::vector<int>> ends(1);
    for (size_t index = 0; index < atoms.size(); ++index) {
      size_t state = 0;
      for (unsigned char byte : atoms[index]) {
        size_t cell = state * width_ + columns_[byte];
        if (next_[cell] == 0) {
          next_[cell] = static_cast<int32_t>(ends.size());
          ends.emplace_back();
          next_.resize(next_.size() + width_, 0);
        }
        state = static_cast<size_t>(next_[cell]);
      }
      ends[state].push_back(static_cast<int>(index));
    }

    // Breadth first: a state's failure state is shallower, so its row and its atoms are already complete.
    std::vector<int32_t> failure(ends.size(), 0);
    std::vector<int32_t> queue;
    queue.reserve(ends.size());
    for (size_t column = 0; column < width_; ++column)
      if (next_[column] != 0) queue.push_back(next_[column]);
    for (size_t head = 0; head < queue.size(); ++head) {
      size_t state = static_cast<size_t>(queue[head]);
      size_t fallback = static_cast<size_t>(failure[state]);
      ends[state].insert(ends[state].end(), ends[fallback].begin(), ends[fallback].end());
      for (size_t column = 0; column < width_; ++column) {
        int32_t &target = next_[state * width_ + column];
        int32_t over = next_[fallback * width_ + column];
        if (target == 0) {
          target = over;
        } else {
          failure[static_cast<size_t>(target)] = over;
          queue.push_back(target);
        }
      }
    }

    first_.assign(1, 0);
    for (const auto &found : ends) {
      atoms_.insert(atoms_.end(), found.begin(), found.end());
      first_.push_back(static_cast<uint32_t>(atoms_.size()));
    }
    visited_words_ = (ends.size() + 63) / 64;
    count_ = atoms.size();
  }

  // The atoms that occur in the text, ascending.
  void Find(const char *text, size_t length, std::vector<int> *found) const {
    if (count_ == 0) return;
    // A state reports its atoms once; long texts pass the same states again and again.
    std::vector<uint64_t> visited(visited_words_, 0);
    size_t state = 0;
    for (size_t i = 0; i < length; ++i) {
      state = static_cast<size_t>(next_[state * width_ + columns_[static_cast<unsigned char>(text[i])]]);
      if (first_[state] == first_[state + 1]) continue;
      uint64_t bit = uint64_t{1} << (state & 63);
      if (visited[state >> 6] & bit) continue;
      visited[state >> 6] |= bit;
      found->insert(found->end(), atoms_.begin() + first_[state], atoms_.begin() + first_[state + 1]);
    }
    std::sort(found->begin(), found->end());
    found->erase(std::unique(found->begin(), found->end()), found->end());
  }

 private:
  std::array<uint16_t, 256> columns_{};
  size_t width_ = 1;
  std::vector<int32_t> next_;    // state * width_ + column -> state; 0 is the root
  std::vector<uint32_t> first_;  // state -> its first atom in atoms_; one more entry than states
  std::vector<int> atoms_;
  size_t visited_words_ = 0;
  size_t count_ = 0;
};

}  // namespace

struct millrace_patterns {
  re2::FilteredRE2 filter{kMinAtomLength};
  AtomAutomaton atoms;
  bool compiled = false;
};

extern "C" {

millrace_patterns *millrace_patterns_new(void) { return new (std::nothrow) millrace_patterns(); }

void millrace_patterns_free(millrace_patterns *patterns) { delete patterns; }

int millrace_patterns_add(millrace_patterns *patterns, const char *pattern, size_t length, int ignore_case,
                          char *reason, size_t reason_capacity) {
  re2::RE2::Options options;
  // Bytes, not code points: user agents need not be UTF-8, and patterns' own UTF-8 matches byte by byte.
  options.set_encoding(re2::RE2::Options::EncodingLatin1);
  options.set_case_sensitive(!ignore_case);
  // RE2 would write to stderr, the pattern's text included.
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  int id = -1;
  re2::StringPiece piece(pattern, length);
  if (patterns->compiled || patterns->filter.Add(piece, options, &id) != re2::RE2::NoError) {
    if (reason_capacity > 0) {
      // The filter does not keep the reason of a refusal, so the pattern is read once more.
      std::string text = patterns->compiled ? "patterns are compiled already" : re2::RE2(piece, options).error();
      size_t count = std::min(text.size(), reason_capacity - 1);
      std::memcpy(reason, text.data(), count);
      reason[count] = 0;
    }
    return -1;
  }
  return 0;
}

int millrace_patterns_compile(millrace_patterns *patterns) {
  try {
    std::vector<std::string> atoms;
    if (patterns->filter.NumRegexps() > 0) patterns->filter.Compile(&atoms);
    patterns->atoms.Build(atoms);
    patterns->compiled = true;
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

int millrace_patterns_first(const millrace_patterns *patterns, const char *text, size_t length, millrace_group *groups,
                            size_t group_count) {
  if (!patterns->compiled || patterns->filter.NumRegexps() == 0) return -1;
  std::vector<int> atoms;
  std::vector<int> candidates;
  patterns->atoms.Find(text, length, &atoms);
  patterns->filter.AllPotentials(atoms, &candidates);
  std::sort(candidates.begin(), candidates.end());

  re2::StringPiece piece(text, length);
  std::array<re2::StringPiece, kMaxGroups> found;
  group_count = std::min(group_count, kMaxGroups);
  for (int id : candidates) {
    const re2::RE2 &pattern = patterns->filter.GetRE2(id);
    size_t available = static_cast<size_t>(pattern.NumberOfCapturingGroups()) + 1;
    size_t wanted = std::min(group_count, available);
    if (!pattern.Match(piece, 0, length, re2::RE2::UNANCHORED, found.data(), static_cast<int>(wanted))) continue;
    for (size_t i = 0; i < group_count; ++i) {
      bool present = i < wanted && found[i].data() != nullptr;
      groups[i].offset = present ? static_cast<int32_t>(found[i].data() - text) : -1;
      groups[i].length = present ? static_cast<int32_t>(found[i].size()) : 0;
    }
    return id;
  }
  return -1;
}

}  // extern "C"
