import t from 'tap'
import type { WatchedChunks } from '#schemas/step-chunks.ts'
import { ChunkPrinter } from '../../../services/cli/task-view/chunk-printer.ts'

const item = (chunks: WatchedChunks['chunks'], about: Partial<WatchedChunks> = {}): WatchedChunks => ({
  stepId: 'write',
  attempt: 1,
  delivery: 1,
  atMs: 1,
  from: 1,
  chunks,
  ...about,
})

function open(isLive: boolean) {
  let text = ''
  let isOpen = false
  const log = (...lines: readonly string[]) => {
    text += `${isOpen ? '\n' : ''}${lines.join('\n')}\n`
    isOpen = false
  }
  const stream = (more: string, { goesOn = false } = {}) => {
    if (isOpen && !goesOn) text += '\n'
    text += more
    isOpen = !more.endsWith('\n')
  }
  const printer = new ChunkPrinter({ isLive, log, stream })
  return { printer, log, text: () => text }
}

t.test('without a live region text is written as it comes', async (t) => {
  const { printer, text } = open(false)
  printer.add(item(['Sales', ' rose']))
  t.equal(text(), 'write │ Sales rose')
  printer.add(item([' by 4 %.\nNext', ' line\n', '\n']))
  t.equal(text(), 'write │ Sales rose by 4 %.\nwrite │ Next line\nwrite │ \n')
})

t.test('two steps that write at the same time do not mix their lines', async (t) => {
  const { printer, text } = open(false)
  printer.add(item(['one']))
  printer.add(item(['two'], { stepId: 'other' }))
  printer.add(item([' more']))
  printer.end()
  t.equal(text(), 'write │ one\nother │ two\nwrite │ one more\n')
})

t.test('other values are lines of their own, and nothing acts upon the terminal', async (t) => {
  const { printer, text } = open(false)
  printer.add(item(['so', { page: 1 }, '\u001b[31mred\u001b[0m\u0007']))
  printer.end()
  t.equal(text(), 'write │ so\nwrite │ {"page":1}\nwrite │ red \n')
})

t.test('what is missing and what starts again is said', async (t) => {
  const { printer, text } = open(false)
  printer.add(item(['b'], { cut: 3 }))
  printer.add(item(['again'], { attempt: 2, restarts: true }))
  printer.end()
  t.match(
    text(),
    /^… write: 3 chunks not shown\nwrite │ b\n. write attempt 2: starts again\nwrite │ again\n$/,
  )
})

t.test('with a live region whole lines go above it, and the others are in it', async (t) => {
  const { printer, text } = open(true)
  printer.add(item(['Sales rose\nby ', '4']))
  t.equal(text(), 'write │ Sales rose\n')
  t.strictSame(printer.openLines, ['write │ by 4'])
  printer.endOf('write')
  t.equal(text(), 'write │ Sales rose\nwrite │ by 4\n')
  t.strictSame(printer.openLines, [])
  printer.add(item(['x'.repeat(5000)]))
  t.strictSame(printer.openLines, [], 'a line that does not end is ended')
})
