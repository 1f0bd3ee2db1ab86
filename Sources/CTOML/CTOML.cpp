// toml++ behind a C interface: the text goes in, nodes with their places come out, and nothing stays.
//
// The library turns its assertions into promises to the optimizer when NDEBUG is set, and some of them do not hold for
// wrong texts (`[=]`). The checks behind them are complete, so both forms are switched off here.
#undef NDEBUG
#define TOML_ASSERT(expr) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_WINDOWS_COMPAT 0
// Without it a stream reads each number with a point, and the whole of iostreams becomes part of the program.
#define TOML_FLOAT_CHARCONV 1
#include <toml++/toml.h>

#include "CTOML.h"

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <vector>

namespace {

struct Visitor {
  void *context;
  void (*visit)(void *context, const ctoml_node *node);

  void walk(const toml::key *key, const toml::node &node) const {
    ctoml_node flat{};
    flat.line = node.source().begin.line;
    flat.column = node.source().begin.column;
    if (key) {
      flat.key = key->str().data();
      flat.key_length = key->str().size();
      flat.key_line = key->source().begin.line;
      flat.key_column = key->source().begin.column;
    }

    switch (node.type()) {
    case toml::node_type::table:
      flat.kind = CTOML_TABLE;
      flat.children = static_cast<uint32_t>(node.as_table()->size());
      visit(context, &flat);
      walk_table(*node.as_table());
      return;
    case toml::node_type::array:
      flat.kind = CTOML_ARRAY;
      flat.children = static_cast<uint32_t>(node.as_array()->size());
      visit(context, &flat);
      for (const toml::node &element : *node.as_array())
        walk(nullptr, element);
      return;
    case toml::node_type::string:
      flat.kind = CTOML_STRING;
      flat.text = node.as_string()->get().data();
      flat.text_length = node.as_string()->get().size();
      break;
    case toml::node_type::integer:
      flat.kind = CTOML_INTEGER;
      flat.integer = node.as_integer()->get();
      break;
    case toml::node_type::floating_point:
      flat.kind = CTOML_FLOAT;
      flat.number = node.as_floating_point()->get();
      break;
    case toml::node_type::boolean:
      flat.kind = CTOML_BOOLEAN;
      flat.integer = node.as_boolean()->get();
      break;
    default:
      flat.kind = CTOML_TIME;
      break;
    }
    visit(context, &flat);
  }

  // The library keeps a table sorted by name; people read it by place.
  void walk_table(const toml::table &table) const {
    std::vector<std::pair<const toml::key *, const toml::node *>> entries;
    entries.reserve(table.size());
    for (auto &&[key, node] : table)
      entries.emplace_back(&key, &node);
    std::sort(entries.begin(), entries.end(),
              [](auto &left, auto &right) { return left.first->source().begin < right.first->source().begin; });
    for (auto &[key, node] : entries)
      walk(key, *node);
  }
};

} // namespace

int ctoml_read(const char *text, size_t length, void *context,
               void (*visit)(void *context, const ctoml_node *node), ctoml_error *error) {
  const toml::parse_result result = toml::parse(std::string_view{text, length});
  if (!result) {
    const auto place = result.error().source().begin;
    error->line = place.line;
    error->column = place.column;
    const std::string_view words = result.error().description();
    std::snprintf(error->message, sizeof error->message, "%.*s", static_cast<int>(words.size()), words.data());
    return 0;
  }
  Visitor{context, visit}.walk(nullptr, result.table());
  return 1;
}
