import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { identifyProcess, isSameProcess } from '../servers/process-identity.ts'

const identitySchema = z.object({ pid: z.int(), startedAt: z.string(), program: z.string() })

const stackNoteSchema = z.object({
  pid: z.int(),
  /** For commands. */
  natsUrl: z.string(),
  /** For agents that are started beside the stack. */
  agentUrl: z.string().optional(),
  redisUrl: z.string(),
  startedAtMs: z.number(),
  services: z.array(
    z.object({
      name: z.string(),
      pid: z.int(),
      httpUrl: z.string().optional(),
      restUrl: z.string().optional(),
      grpcUrl: z.string().optional(),
    }),
  ),
  owner: identitySchema,
})

/** What a running local stack says about itself, for every other command on this machine. */
export type StackNote = z.infer<typeof stackNoteSchema>

/** A service as the note names it. */
export type NotedService = StackNote['services'][number]

const noteFile = (home: string) => join(home, 'run', 'stack.json')

/** Writes the note of this process's stack; readers see the old one or the new one, never half of it. */
export function writeStackNote(home: string, stack: Omit<StackNote, 'pid' | 'owner'>): void {
  const owner = identifyProcess(process.pid)
  if (!owner) throw new Error('this process cannot be identified, so nobody could tell whether it still runs')
  const file = noteFile(home)
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const next = `${file}.${process.pid}`
  const note: StackNote = { pid: process.pid, ...stack, owner }
  // URLs may hold passwords.
  writeFileSync(next, `${JSON.stringify(note, null, 2)}\n`, { mode: 0o600 })
  renameSync(next, file)
}

export function removeStackNote(home: string): void {
  rmSync(noteFile(home), { force: true })
}

/** The stack that runs on this home folder; nothing when none does, or when the one that wrote the note is gone. */
export function findRunningStack(home: string): StackNote | undefined {
  const note = readStackNote(home)
  return note && isSameProcess(note.owner) ? note : undefined
}

/** The note of the stack that runs on this home folder, or of one that was killed; nothing when there is none that can be read. */
export function readStackNote(home: string): StackNote | undefined {
  try {
    return stackNoteSchema.safeParse(JSON.parse(readFileSync(noteFile(home), 'utf8'))).data
  } catch {
    // There is none, or a crash tore it: either way it names no stack.
    return undefined
  }
}
