/**
 * A label in a filter, as one text: `name:value`. In the name the separator and a backslash have a backslash before them; the value is all that
 * follows the first other separator, as it is. Pure.
 */
export function formatLabelFilter(name: string, value: string, separator: ':' | '=' = ':'): string {
  const escaped = name.replace(/[\\:=]/g, (sign) =>
    sign === separator || sign === '\\' ? `\\${sign}` : sign,
  )
  return `${escaped}${separator}${value}`
}

/** Takes such a text apart at the first separator that no backslash stands before; undefined when there is none, or no name. Pure. */
export function parseLabelFilter(
  text: string,
  separator: ':' | '=' = ':',
): { name: string; value: string } | undefined {
  let name = ''
  for (let i = 0; i < text.length; i++) {
    const next = text[i + 1]
    if (text[i] === '\\' && (next === separator || next === '\\')) name += text[++i]
    else if (text[i] === separator) return name === '' ? undefined : { name, value: text.slice(i + 1) }
    else name += text[i]
  }
  return undefined
}
