import t from 'tap'
import { glyphOf } from '../../../../services/agents/video/pictures/stroke-font.ts'

t.test('every printable ASCII character and what labels use has strokes of its own', async (t) => {
  const unknown = glyphOf('\u{1F6A8}')
  for (let code = 33; code < 127; code++)
    t.not(glyphOf(String.fromCharCode(code)), unknown, String.fromCharCode(code))
  for (const character of '·–—…×→°') t.not(glyphOf(character), unknown, character)
  t.equal(glyphOf('é'), glyphOf('e'), 'without its accent rather than not at all')
})
