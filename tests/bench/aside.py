"""One checkout's network, served until its input ends: what tests/bench/beside.py starts.

It is run by its path, in the folder of that checkout, so that all it imports is of that one.
"""

import json
import sys
from itertools import islice

from tests.bench.pages import PAGES, endless
from tests.bench.sites import SIZES, network, new_databases, served


def main(kind: str, size: str, count: int) -> None:
    """Says where it is and what to ask there, each page's requests in their order, as JSON."""
    with new_databases(kind) as new:
        site = network(new(size), SIZES[size])
        asks = {
            page: [(one.path, one.status, one.cookie, one.body) for one in some]
            for page, some in ((page, islice(endless(page, site), count)) for page in PAGES)
        }
        with served(site.url) as address:
            print(json.dumps({"address": address, "asks": asks}), flush=True)
            sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
