"""Files by their content, in a folder and in any other object store."""
import hashlib

import pytest
from obstore.store import LocalStore, MemoryStore

from integrations.storage.adapter import ObjectStorage
from integrations.storage.port import FileDamaged, FileMissing

CONTENT = "承诺书".encode() * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(params=["folder", "memory"])
def storage(request, tmp_path):
    return ObjectStorage.at(f"file://{tmp_path}/files") if request.param == "folder" else ObjectStorage(MemoryStore())


def test_what_is_put_in_comes_back(storage):
    stored = storage.put(CONTENT)
    assert (stored.sha256, stored.size) == (SHA256, len(CONTENT))
    assert storage.get(SHA256) == CONTENT and storage.has(SHA256)


def test_the_same_content_is_kept_once(storage):
    assert storage.put(CONTENT) == storage.put(CONTENT)


def test_what_is_not_there_is_missing(storage):
    assert not storage.has("0" * 64)
    with pytest.raises(FileMissing):
        storage.get("0" * 64)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, SHA256 + "/x", "."])
def test_only_a_hash_names_a_file(storage, name):
    with pytest.raises(FileMissing):
        storage.get(name)


def test_a_file_that_rotted_is_never_handed_out(tmp_path):
    storage = ObjectStorage.at(f"file://{tmp_path}")
    storage.put(CONTENT)
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    file.write_bytes(b"x" + CONTENT[1:])
    with pytest.raises(FileDamaged):
        storage.get(SHA256)


def test_storage_stays_where_it_was_put(tmp_path):
    ObjectStorage.at(f"file://{tmp_path}").put(CONTENT)
    assert ObjectStorage(LocalStore(prefix=tmp_path)).get(SHA256) == CONTENT
