/** Host names that try to be more than text, as whoever runs a reverse zone may hand them out. */

export const HOSTILE_NAMES: readonly string[] = [
  '<img src=x onerror="window.harmed=1">',
  '</script><script>window.harmed=1</script>',
  '"><svg/onload=window.harmed=1>',
  "';window.harmed=1;//",
  '{{window.harmed=1}}',
  '&lt;b&gt;&amp;',
  '=HYPERLINK("http://198.51.100.7","x")',
  '\u202Egpj.exe\u2066',
  '\u001B[31mred\u0007',
  `${'long'.repeat(60)}.example`,
  '<!--',
  'javascript:window.harmed=1',
];
