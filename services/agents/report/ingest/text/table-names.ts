const MAX_CHARACTERS = 80

/** Names for the tables of one document: by what they are headed, else by their number; only one has that of the document. Pure. */
export function tableNames(headings: readonly (string | undefined)[], document: string): string[] {
  if (headings.length === 1) return [document]
  const used = new Set<string>()
  return headings.map((heading, i) => {
    const base = heading?.replace(/\s+/g, ' ').trim().slice(0, MAX_CHARACTERS) || `table ${i + 1}`
    let name = base
    for (let n = 2; used.has(name); n++) name = `${base} (${n})`
    used.add(name)
    return `${document}#${name}`
  })
}
