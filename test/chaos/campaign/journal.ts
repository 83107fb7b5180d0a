import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A file of JSON lines beside the notes in memory: what a run writes down is there to be looked at, however it ends. */
export class Journal<Note extends object> {
  readonly notes: Note[] = []
  readonly #file: string

  constructor(folder: string, name: string) {
    this.#file = join(folder, `${name}.jsonl`)
  }

  write(note: Note): void {
    this.notes.push(note)
    appendFileSync(this.#file, `${JSON.stringify(note)}\n`)
  }
}

/** What other processes wrote. A line that a SIGKILL cut off is left out. */
export function readJournal<Note>(file: string): Note[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Note]
      } catch {
        return []
      }
    })
}
