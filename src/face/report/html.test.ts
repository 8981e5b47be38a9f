import { describe, expect, it } from 'vitest'
import { escapeText, html } from './html.ts'

describe('html', () => {
  it('escapes every character that can leave text or a quoted attribute', () => {
    expect(html`<a title="${`"'`}">${'<b>&'}</a>`.markup).toBe('<a title="&quot;&#39;">&lt;b&gt;&amp;</a>')
  })

  it('keeps markup and lists of markup, and leaves out what is absent', () => {
    expect(html`${[html`<i>`, html`</i>`]}${undefined}${false}${0}`.markup).toBe('<i></i>0')
  })

  it('does not take an object that looks like markup for markup', () => {
    const forged = JSON.parse('{"markup":"<script>"}')
    expect(html`${forged}`.markup).not.toContain('<')
  })
})

describe('escapeText', () => {
  it('shows controls, keeps tab and line feed', () => {
    expect(escapeText('a\u0000b\u001b[31m\u007f\r\t\n')).toBe('a\u2400b\u241b[31m\u2421\u240d\t\n')
  })

  it.each(['\u202e', '\u2066', '\u200f', '\u0085', '\ud800'])('replaces %j', c => {
    expect(escapeText(`a${c}b`)).toBe('a\ufffdb')
  })

  it('keeps letters of every script, and pairs of surrogates', () => {
    expect(escapeText('größe 数据库 😀')).toBe('größe 数据库 😀')
  })
})
