export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

// Each asks the program itself what fits, so that a script once installed knows every later command. A line is a word, a tab and
// what it is about; `:files` asks for files.

const BASH = `_murmur() {
  local reply line
  COMPREPLY=()
  reply=$("$1" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) || return
  if [ "$reply" = ":files" ]; then
    compopt -o default 2>/dev/null
    return
  fi
  while IFS= read -r line; do
    [ -n "$line" ] && COMPREPLY+=("\${line%%$'\\t'*}")
  done <<< "$reply"
}
complete -F _murmur murmur`

const ZSH = `#compdef murmur
_murmur() {
  local line about
  local -a lines found
  lines=("\${(@f)$("$words[1]" complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ "$lines[1]" == ":files" ]]; then
    _files
    return
  fi
  for line in $lines; do
    about="\${line#*$'\\t'}"
    found+=("\${\${line%%$'\\t'*}//:/\\\\:}\${about:+:$about}")
  done
  _describe murmur found
}
if [ "$funcstack[1]" = "_murmur" ]; then _murmur "$@"; else compdef _murmur murmur; fi`

const FISH = `function __murmur_complete
  set -l words (commandline -opc)
  set -l found ($words[1] complete -- $words[2..-1] (commandline -ct) 2>/dev/null)
  if test "$found[1]" = ":files"
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c murmur -f -a '(__murmur_complete)'`

/** A script for a shell to load. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH }
