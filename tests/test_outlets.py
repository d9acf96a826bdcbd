import pytest
from builders import PROJECT

from pipeline.ingest import read_outlets
from pipeline.outlets import read_outlet_names

KNOWN = PROJECT / "data" / "outlets.csv"


def test_domains_and_names_of_a_list(tmp_path):
    listed = tmp_path / "outlets.csv"
    listed.write_text(
        "domain,outlet,names\ntern.example,The Tern,Tern;The Tern\nwww2.tern.example,The Tern,Tern;Ternpost\n", encoding="utf-8"
    )
    assert read_outlets(listed).domains == {"tern.example": "The Tern", "www2.tern.example": "The Tern"}
    assert read_outlet_names(listed) == ["Tern", "Ternpost", "The Tern"]


def test_the_committed_list_has_bare_lower_case_domains_and_names():
    domains = read_outlets(KNOWN).domains
    assert len(domains) == len(KNOWN.read_text(encoding="utf-8").splitlines()) - 1, "a domain is listed twice"
    for domain, outlet in domains.items():
        assert domain == domain.lower().strip().removeprefix("www.") and "/" not in domain and "." in domain
        assert outlet.strip() == outlet != ""


@pytest.mark.parametrize("name", ["RTÉ", "BBC", "Press TV"])
def test_names_of_demonstration_outlets_are_known(name):
    assert name in read_outlet_names(KNOWN)
