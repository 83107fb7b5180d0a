import t from 'tap'
import { encodedPattern, plainSpellings } from '../../../services/agents/api-caller/secret-spellings.ts'

t.test('pieces of base64 are what the secret alone decides, at each place', async (t) => {
  const spellings = plainSpellings('hush-hush-0815')
  for (const before of ['', 'x', 'yz', 'abc'])
    for (const after of ['', '1', '22'])
      t.ok(
        spellings.some((each) => btoa(`${before}hush-hush-0815${after}`).includes(each)),
        `${before} ${after}`,
      )
  t.notOk(spellings.some((each) => btoa('another text altogether').includes(each)))
})

t.test('any characters may be encoded', async (t) => {
  const text = (value: string) => value.replace(encodedPattern('a+b c/d?'), '-')
  for (const value of [
    'a+b c/d?',
    'a%2bb%20c%2Fd%3f',
    '%61+b+c/d?',
    'a%252Bb c/d?',
    '612b6220632f643f',
    '61:2B:62:20:63:2F:64:3F',
  ])
    t.equal(text(`<${value}>`), '<->', value)
  t.equal(text('a+b c/d!'), 'a+b c/d!')
})
