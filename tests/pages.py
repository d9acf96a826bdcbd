# ruff: noqa: E501 (pages keep their lines as they came)
"""Invented news pages with the faults of real ones; no word of them was published anywhere."""

DAILY = """Tuesday 11 May 2032
News ID: 40217
Publish Date: 3 March 2032 - 18:05
ASKERBY (Velmark News Agency) – The ministry of ports has offered the harbour union a plan for a partial return to work, dropping an earlier promise to wait for the court.
It cited a letter that was handed over last week in the house of a retired judge in Low Tamsin.
"We cannot even start talking about wages [before the court rules]. Wages are out of the question,” the letter said.
The union rejected the plan on Tuesday evening and said that its members would stay away from the quays.

* Comment:"""

CHANNEL = """News   /   Velmark   /   Ports

Union rebuffs ministry's call to reopen the eastern quay

This handout picture received from the port company on March 1, 2032, shows cranes standing idle along the eastern quay of Port Maren. (Via AFP)

The harbour union has rejected the ministry's call to reopen the eastern quay, claiming that the cranes there were "unsafe."

In a telephone conversation late Monday, the union's secretary asked the minister to "send engineers who know a crane from a lamp post."

‘Number of idle ships rises again’

“There does, however, need to be a conversation about the cranes and about our lives under them," she added.


Bay TV’s website can also be accessed at the following alternate addresses:

www.baytv.example

SHARE THIS ARTICLE
Bay TV News Roku
"""

AGGREGATOR = """Monday, 07 June, 2032

Ministry dismisses union's demand for new cranes - latest updates

Harbour union asks the ministry for plans to replace the cranes. The transport ministry says no.
Dorrit Vael | 5 March, 2032, 07:56

Stressing that the dispute in Port Maren would intensify in the coming weeks, the mediator said that both sides risked losing the trust of the shipping companies.

The ministry is flexing its muscles over the union's threat to keep the cranes of the eastern quay idle until the summer.

Avalanche buries two hikers near Kestrel summit
Earlier, rescue teams confirmed that snow had hit a mountain hut, without mentioning casualties.

'Our demand is very clear.

The union's secretary said the cranes of the quay were older than most of the dockers who work under them.

The ministry made no mention of the cranes in its first account of the talks, according to the mediator."""

REPRINT = """BRN Fundraising Banner
Ministry Plans to Ignore the Harbour Union's Demand for New Cranes
Written by <a href="index.php?option=profile&user=17"><span class="small">Mirela Stant, The Velmark Ledger</span></a>   
Friday, 5 March 2032 13:53

Stant writes: "The transport ministry on Friday rebuffed demands from the harbour union to begin planning for new cranes."

Minister Ines Harland. (photo: Osk Tallen/VNA)
Minister Ines Harland. (photo: Osk Tallen/VNA)

Ministry Plans to Ignore the Harbour Union's Demand for New Cranes

By Mirela Stant, The Velmark Ledger

5 March 32


he transport ministry on Friday rebuffed demands from the harbour union to begin planning for new cranes.

The union's secretary told the minister in a phone call Thursday to send engineers to Port Maren, according to a statement.

"There does ... need to be a conversation about the cranes," she said. "We want to be a friend of every docker."

And tensions began to ratchet down Wednesday when the minister said the union seemed to be "standing down." your social media marketing partner"""

OUTLETS = [
    {"domain": "baytv.example", "outlet": "Bay TV", "names": "Bay TV;BayTV"},
    {"domain": "brn.example", "outlet": "Borderland Reader News", "names": "BRN"},
    {"domain": "velmarkledger.example", "outlet": "The Velmark Ledger", "names": "Velmark Ledger"},
    {"domain": "vna.example", "outlet": "Velmark News Agency", "names": "VNA"},
]
