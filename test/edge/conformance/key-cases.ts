import { type ConformanceCase, later, plan, submitted } from './cases.ts'

/** Submissions with keys. Each transport has keys of its own. */
export const KEY_CASES: readonly ConformanceCase[] = [
  {
    name: 'singleton: refused, the existing one, replaced; and what would become of it',
    async run(transport) {
      const key = `singleton ${transport.name}`
      const about = (onConflict?: string) =>
        later({ singleton: { key, ...(onConflict !== undefined && { onConflict }) } })
      const taskId = await submitted(transport, about())
      const answers = [
        await transport.ask('submitTask', about()),
        await transport.ask('submitTask', about('reject')),
        await transport.ask('submitTask', about('return-existing')),
        await transport.ask('checkPlan', about('replace')),
        await transport.ask('submitTask', about('replace')),
        await transport.ask('submitTask', about('burn')),
      ]
      const ended = await transport.watch(taskId)
      const text = JSON.stringify([answers, ended.at(-1)?.what]).replaceAll(key, 'key')
      return JSON.parse(text)
    },
  },
  {
    name: 'debounce: the first, one that is merged, and what it ends with',
    async run(transport) {
      const debounce = { key: `debounce ${transport.name}`, delayMs: 1500, maxDelayMs: 20_000 }
      const first = await transport.ask('submitTask', plan({ debounce, input: { n: 1 } }))
      const merged = await transport.ask(
        'submitTask',
        plan({ debounce, input: { n: 2 }, labels: { a: 'b' } }),
      )
      const taskId = first.ok ? String(first.body.taskId) : ''
      const waiting = await transport.ask('getTask', { id: taskId })
      await transport.watch(taskId)
      return [first, merged, waiting, await transport.ask('getTask', { id: taskId })]
    },
  },
  {
    name: 'debounce beside what contradicts it',
    async run(transport) {
      const debounce = { key: 'x', delayMs: 1000 }
      return [
        await transport.ask('submitTask', later({ debounce })),
        await transport.ask('submitTask', plan({ debounce, singleton: { key: 'x' } })),
        await transport.ask('submitTask', plan({ debounce: { key: 'x', delayMs: 1000, maxDelayMs: 500 } })),
        await transport.ask('submitTask', plan({ debounce: { key: 'x', delayMs: 1 } })),
        await transport.ask('submitTask', plan({ singleton: { key: '' } })),
      ]
    },
  },
]
