// Colours, light and dark. The wait classes build on the palette of Okabe and Ito, which people who are colour-blind
// can tell apart (https://jfly.uni-koeln.de/color/); Lock alone is a deep red, darker than all others in greyscale.

const LIGHT = `color-scheme: light;
  --page: #fff; --card: #f4f6f8; --ink: #16202b; --muted: #54606d; --rule: #d8dee4; --grid: #e6eaee; --link: #0b5cad;
  --good: #13703f; --good-card: #eaf6ef; --bad: #b3161f; --bad-card: #fdf0f0; --unclear: #8a5a00; --unclear-card: #fdf5e3; --seen: #0b5cad;
  --cpu: #12a57a; --io: #0072b2; --commit: #4aa8e6; --lock: #b3161f; --lwlock: #cc79a7; --ipc: #7a5cc4;
  --client: #b8a70f; --timeout: #d98e00; --other: #5f6973; --idle: #8b9eb2; --success: #0072b2; --gap: #c3cbd3;`

const DARK = `color-scheme: dark;
  --page: #10161d; --card: #19222c; --ink: #e8edf2; --muted: #a3afbb; --rule: #2f3b47; --grid: #232d37; --link: #79b8ff;
  --good: #58cf92; --good-card: #12271d; --bad: #ff8078; --bad-card: #2d191b; --unclear: #f2b84b; --unclear-card: #2a2214; --seen: #79b8ff;
  --cpu: #1f9a75; --io: #3f93d6; --commit: #8fd0f7; --lock: #e5484d; --lwlock: #d58bb4; --ipc: #9d84e0;
  --client: #dccf4f; --timeout: #f0ad35; --other: #a9b2bb; --idle: #5b6e81; --success: #5fb0f0; --gap: #46535f;`

const SERIES = ['cpu', 'io', 'commit', 'lock', 'lwlock', 'ipc', 'client', 'timeout', 'other', 'idle']

export const COLOURS = `:root { ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
${SERIES.map(name => `.${name} { --series: var(--${name}); }`).join('\n')}
.good { --tone: var(--good); --tone-card: var(--good-card); }
.bad { --tone: var(--bad); --tone-card: var(--bad-card); }
.unclear { --tone: var(--unclear); --tone-card: var(--unclear-card); }
.seen { --tone: var(--seen); --tone-card: var(--card); }
`
