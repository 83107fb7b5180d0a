import { nameTokens } from './name-tokens.ts'

/** Names of what happens to somebody or something. */
const OUTCOME_WORDS =
  /^(churn(ed)?|surviv(ed|al)|died|death|dead|outcome|target|label|result|response|responded|convert(ed)?|conversion|default(ed)?|click(ed)?|purchas(ed?)|bought|fraud|fail(ed|ure)?|pass(ed)?|success|cancel(l?ed)?|left|attrition|returned|complain(ed|t)?|accepted|admit(ted)?|approved|hired|promoted|renewed|readmitted|relapse|recovered|cured|defect(ive)?|late|delayed|won|status|satisfied|subscribed|exited|case)$/

/** Whether a name says that something happened or not: `churn`, `isFraud`, `Survived`. Pure. */
export function isOutcomeName(name: string): boolean {
  return nameTokens(name).some((token) => OUTCOME_WORDS.test(token))
}
