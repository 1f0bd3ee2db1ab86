#ifndef CTOML_H
#define CTOML_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a node of a TOML document is.
enum ctoml_kind {
  CTOML_TABLE,
  CTOML_ARRAY,
  CTOML_STRING,
  CTOML_INTEGER,
  CTOML_FLOAT,
  CTOML_BOOLEAN,
  CTOML_TIME,
};

/// One key with its value, or one element of an array. Strings are UTF-8 without a final NUL, and valid for the length
/// of the call alone. Lines and columns start at 1; columns count characters.
struct ctoml_node {
  enum ctoml_kind kind;
  /// How many nodes stand directly below a table or an array.
  uint32_t children;
  uint32_t line, column;
  /// Null for an element of an array, and for the document itself.
  const char *key;
  size_t key_length;
  uint32_t key_line, key_column;
  /// Of a string.
  const char *text;
  size_t text_length;
  /// Of an integer; 0 or 1 of a boolean.
  int64_t integer;
  /// Of a float.
  double number;
};

/// The first place where a text is not TOML.
struct ctoml_error {
  uint32_t line, column;
  /// The parser's own words, cut to fit, ended by NUL.
  char message[512];
};

/// Reads a text as TOML 1.0 and hands every node to `visit`: the document's table first, and each table and array before
/// the nodes below it, which come in the order of the text. Returns 1, or 0 with `error` filled in and nothing visited.
/// Linear in the text but for the sorting of each table's keys; recurses as deep as the text is nested.
int ctoml_read(const char *text, size_t length, void *context,
               void (*visit)(void *context, const struct ctoml_node *node), struct ctoml_error *error);

#ifdef __cplusplus
}
#endif

#endif
