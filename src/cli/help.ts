/** What `blindrisk help` prints. */
export const HELP = `blindrisk: option prices and portfolio risk without seeing the positions

  blindrisk demo
      Writes sample files to ./blindrisk-demo, runs every engine on them and compares.

  blindrisk report --positions P.csv --market M.json --scenarios S.csv
      [--engine plain|ckks|mpc]   in the clear, on ciphertexts, or on Shamir shares   (plain)
      [--basis listed]            contracts are public, quantities secret             (listed)
      [--precision 1e-6]          wanted worst error of the P&L, a fraction of gross  (1e-6)
      [--parties 3] [--threshold 1]   of the mpc engine
      [--transport in-process|tls]    its parties in this process, or each in its own     (in-process)
      [--open pnl|figures]        what the report shows                               (pnl)
      [--scenario-block N]        scenarios valued and evaluated at a time            (all; 2000 of a file past 16 MiB)
      [--out report.json] [--html report.html]

  blindrisk party --config party.json
      One endpoint of a session between processes, over TLS: a computing party, or a client (an owner of a book, a recipient,
      a firm of a consortium). See docs/formats.md.
  blindrisk party keys --name NAME --out DIR
      Makes the certificate and key of an endpoint and prints its pin.

  blindrisk price --options O.csv [--model NAME] [--greeks standard|all] [--out R.csv]
      Prices each row by the model in its column "model", or by --model (bsm): black76 bachelier inverse margrabe
      american barrier double_barrier digital one_touch asian lookback heston sabr svi implied_vol.

  Owner and engine as processes of their own, files in between (docs/guide/roles.md):
  blindrisk keys create --store DIR --name NAME | list|enable|disable|destroy [--key ID] | backup|restore --file FILE
      Makes and keeps the secrets of a role, sealed under a passphrase (--passphrase-file FILE, or BLINDRISK_PASSPHRASE).
  blindrisk encrypt --store DIR --positions P.csv --market M.json --scenarios S.csv --out REQUEST
      [--contracts LIST.csv] [--offer OFFER --engine PUBLIC.json] [--basis chebyshev] [--precision 1e-6]
  blindrisk evaluate --store DIR --request REQUEST --owner PUBLIC.json --market M.json --scenarios S.csv --out ANSWER
      With --offer --contracts LIST.csv instead of a request: states what this engine would use.
  blindrisk reveal --store DIR --request REQUEST --answer ANSWER --engine PUBLIC.json --market M.json --scenarios S.csv
      [--open pnl|figures] [--out report.json] [--html report.html]
  blindrisk audit verify DIR | prove DIR --entry N [--out PROOF] | verify --proof PROOF --signer PUBLIC.json

  blindrisk bench [suite ...] [--json FILE]
      Runs the benchmarks (in a checkout of the repository).

  Every command takes --json (result as JSON on stdout), --quiet and --no-progress.
  Exit status: 0 done, 1 internal error, 2 bad input, 3 refused by policy or integrity check, 4 aborted.
`;
