/** One step for each of so many items, whose agent does nothing. @param concurrency runs that are out at the same time */
export function fanOutSubmission(items: number, concurrency: number) {
  return {
    type: 'plan',
    input: { list: Array.from({ length: items }, (_, n) => `item ${n}`) },
    plan: {
      steps: [
        {
          id: 'map',
          agent: 'noop-a',
          input: { payload: { $from: 'item' } },
          forEach: { items: { $from: 'input.list' }, concurrency },
        },
      ],
    },
  }
}
