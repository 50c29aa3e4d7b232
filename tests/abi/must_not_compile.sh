#!/bin/sh
# must_not_compile.sh SOURCE COMPILER OPTION...: SOURCE is refused, with the text after "// expect: " of its first line,
# and accepted with -DCORRECT: it is the mistake that is refused and nothing else.
source=$1
shift
expected=$(sed -n '1s|^// expect: ||p' "$source")
[ -n "$expected" ] || { echo "$source: the first line should be: // expect: TEXT"; exit 1; }
if ! said=$("$@" -fsyntax-only -DCORRECT "$source" 2>&1); then
  printf 'refused even when it is correct:\n%s\n' "$said"
  exit 1
fi
if said=$("$@" -fsyntax-only "$source" 2>&1); then
  echo "it compiled"
  exit 1
fi
case $said in
  *"$expected"*) ;;
  *) printf 'it was refused, but the text "%s" is not in:\n%s\n' "$expected" "$said"; exit 1 ;;
esac
