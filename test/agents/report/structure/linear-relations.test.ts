import t from 'tap'
import { linearRelations } from '../../../../services/agents/report/structure/linear-relations.ts'

type Values = Parameters<typeof linearRelations>[0][number]
const values = (name: string, at: number[]) =>
  ({
    name,
    at: Float64Array.from(at),
    rounding: 0,
    spread: Math.max(...at) - Math.min(...at),
  }) as unknown as Values
const celsius = Array.from({ length: 60 }, (_, i) => ((i * 37) % 41) + i / 60)

t.test('copies and other units', async (t) => {
  const found = linearRelations([
    values('c', celsius),
    values('same', celsius),
    values(
      'f',
      celsius.map((at) => 32 + 1.8 * at),
    ),
  ])
  t.match(found, [
    { target: 'same', sources: ['c'], how: 'copy' },
    { target: 'f', sources: ['c'], how: 'linear' },
  ])
})

t.test('what only goes along is none', async (t) => {
  const along = celsius.map((at, i) => 2 * at + ((i * 13) % 7))
  t.strictSame(linearRelations([values('c', celsius), values('y', along)]), [])
})
