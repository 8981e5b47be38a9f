// What to do now, what to do for good, and what would not help.
import type { Advice, Plan, Run } from '../../../model/index.ts'
import { amount, count, dotted } from '../format.ts'
import { type Html, html } from '../html.ts'

const HORIZONS: Record<Advice['horizon'], string> = { now: 'Now', 'for-good': 'For good' }

export const remediesSection = (
  plan: Plan,
  run: Run | undefined,
): Html => html`<section aria-labelledby="remedies">
<h2 id="remedies">What to do</h2>
${plan.advice.length === 0 && html`<p>Nothing is advised.</p>`}
<ol class="remedies">${plan.advice.map(advice => remedy(advice, isDone(advice, run)))}</ol>
${
  plan.notAdvised.length > 0 &&
  html`<h3>Not advised</h3>
<dl class="reasons">${plan.notAdvised.map(no => html`<div><dt>${no.title}</dt><dd>${no.reason}</dd></div>`)}</dl>`
}
</section>`

const remedy = (advice: Advice, done: boolean): Html => html`<li>
<h3>${advice.title} <span class="tag ${advice.horizon === 'now' && 'now'}">${HORIZONS[advice.horizon]}</span>${done && html` <span class="tag good">Done</span>`}</h3>
<p>${advice.effect.summary}</p>
<p class="effect">${dotted(
  `AAS ${amount(advice.effect.aas.before)} → ${amount(advice.effect.aas.after)}`,
  `slots ${amount(advice.effect.slots.before)} → ${amount(advice.effect.slots.after)}`,
  advice.effect.sessionsFreed > 0 && `frees ${count(advice.effect.sessionsFreed, 'session')}`,
  advice.effect.connectsRecover ? 'connections succeed again' : 'connections go on failing',
)}</p>
<p class="cost">Cost: ${dotted(advice.cost.replace(/\.$/, ''), advice.reversible ? 'can be taken back' : 'cannot be taken back')}</p>
${advice.commands.length > 0 && html`<pre><code>${advice.commands.join('\n')}</code></pre>`}
</li>`

const isDone = (advice: Advice, run: Run | undefined): boolean =>
  run?.result?.done === true && run.advice.remedy === advice.remedy && run.advice.title === advice.title
