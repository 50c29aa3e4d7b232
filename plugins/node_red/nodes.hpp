// Node-RED's nodes: a list of them as it stands in JSON text, each with what decides where it belongs.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ferry/json.hpp"

namespace ferry::node_red {

// Texts are borrowed from the NodeList.
struct Node {
  std::string_view id, type, z;  // "": missing, or no text
  std::string_view name;         // of a tab its label
  bool placed = false;           // has x and y, or wires: it can only work inside a tab or subflow
  std::string_view raw;          // as it came

  bool is_container() const noexcept { return type == "tab" || type == "subflow"; }
  bool is_subflow_instance() const noexcept { return type.starts_with("subflow:"); }
  bool is_link() const noexcept { return type.starts_with("link "); }
  // Is there no module behind the type? Tabs, groups and the like are part of Node-RED's editor itself.
  bool is_structure() const noexcept {
    return is_container() || is_subflow_instance() || type == "group" || type == "junction" || type == "global-config";
  }
  std::string_view subflow() const noexcept { return type.substr(std::string_view("subflow:").size()); }
};

// Movable; the views into it stay valid. Parsing throws JsonError; an item that is no object is one too.
class NodeList {
 public:
  // text: a list of nodes.
  static NodeList parse(std::string text);
  // text: an object with the list as its member "flows", and "rev".
  static NodeList parse_answer(std::string text);

  const std::vector<Node>& nodes() const noexcept { return nodes_; }
  const std::string& revision() const noexcept { return revision_; }
  std::size_t size() const noexcept { return text_->size(); }  // of the text, in bytes
  // The node's content on its own lines, as it stands in packages: canonical, without credentials.
  std::string_view content(std::size_t node) const {
    return std::string_view(*contents_).substr(spans_[node].at, spans_[node].size);
  }

 private:
  struct Span {
    std::size_t at, size;
  };

  struct Scratch;

  explicit NodeList(std::string text);
  void read_list(JsonScanner& scanner);
  void read_node(JsonScanner& scanner, Scratch& scratch);
  void write(const Scratch& scratch);
  std::string_view text_of(std::string_view value, bool escaped);

  std::unique_ptr<const std::string> text_;
  std::unique_ptr<std::string> contents_ = std::make_unique<std::string>();
  std::vector<Node> nodes_;
  std::vector<Span> spans_;
  std::deque<std::string> decoded_;
  std::string revision_;
};

}  // namespace ferry::node_red
