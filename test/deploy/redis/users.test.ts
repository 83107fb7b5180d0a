import t from 'tap'
import { DEFAULT_USER_OFF, redisUserLines, redisUserLinesBesideGuest } from '../../../deploy/redis/users.ts'

t.test('a user has the keys of its roles, each once, and no command for the whole server', async (t) => {
  const [line] = redisUserLines([{ name: 'video', roles: ['tracking', 'alerting'], password: 'p' }]).split(
    '\n',
  )
  t.match(line, /^user video on >p resetkeys /)
  t.strictSame(
    line!.split(' ').filter((word) => word.startsWith('~')),
    ['~camera:{*}:state', '~murmur:ping', '~murmur:{alerts}:*'],
  )
  const words = line!.split(' ')
  t.ok(words.indexOf('-@all') < words.indexOf('+@read'), 'nothing first, then what is needed')
  t.ok(words.indexOf('+@scripting') < words.indexOf('-@dangerous'), 'what is never allowed comes after that')
  t.ok(words.includes('resetchannels'))
})

t.test('a probe reads how Redis is, and no key', async (t) => {
  const [line] = redisUserLines([{ name: 'probe', roles: ['probe'], password: 'p' }]).split('\n')
  t.notMatch(line, /~|\+@read|\+@write/)
  t.match(line, /\+info$/)
})

t.test('an operator makes the server read its users again, and does nothing else', async (t) => {
  const [line] = redisUserLines([{ name: 'operator', roles: ['operator'], password: 'p' }]).split('\n')
  t.notMatch(line, /~|\+@read|\+@write/)
  const words = line!.split(' ')
  t.ok(words.indexOf('+acl|load') > words.indexOf('-@admin'), 'after what is forbidden')
})

t.test('`default` is off, unless tests need a guest', async (t) => {
  const users = [{ name: 'edge', roles: ['edge'], password: 'p' }] as const
  t.equal(redisUserLines(users).split('\n').at(-1), DEFAULT_USER_OFF)
  t.notMatch(redisUserLinesBesideGuest(users), /default/)
  t.equal(redisUserLines([]), DEFAULT_USER_OFF)
})
