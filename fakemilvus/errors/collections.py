"""What is refused of collections as wholes, and of their aliases."""

from __future__ import annotations

from fakemilvus.errors.core import MilvusError, ParameterInvalid


class CollectionNotFound(MilvusError):
    code = 100
    legacy = 4
    input_error = True
    template = "collection not found[database={database}][collection={collection}]"


class CollectionNotFoundByDescribe(CollectionNotFound):
    """DescribeCollection alone words it so and keeps legacy 1; clients recognise a missing collection by it."""

    legacy = 1
    template = "can't find collection[database={database}][collection={collection}]"
    detail_template = CollectionNotFound.template


class AliasedCollectionNotFound(CollectionNotFound):
    """CreateAlias does not blame the caller."""

    input_error = False


class CollectionNotFoundAnywhere(CollectionNotFound):
    """Where Milvus looks without saying in which database."""

    template = "collection not found[collection={collection}]"


class ListedCollectionNotFound(CollectionNotFoundAnywhere):
    """ListAliases does not blame the caller."""

    input_error = False


class CollectionNotLoaded(MilvusError):
    code = 101
    template = "collection not loaded[collection={collection}]"


class SchemaMismatch(MilvusError):
    code = 109
    legacy = 62
    input_error = True
    template = "collection schema mismatch[collection={collection}]"


class CollectionNumLimitExceeded(MilvusError):
    code = 102
    input_error = True
    template = "exceeded the limit number of collections[dbName={database}][limit={limit}]"


class CollectionDiffers(ParameterInvalid):
    template = "create duplicate collection with different parameters, collection: {collection}: invalid parameter"


class DropByAlias(ParameterInvalid):
    template = "cannot drop the collection via alias = {alias}: invalid parameter"


class CollectionHasAliases(ParameterInvalid):
    """``aliases`` are names with a space between them."""

    template = (
        "unable to drop the collection [{collection}] because it has associated aliases [{aliases}], "
        "please remove all aliases before dropping the collection: invalid parameter"
    )


class SchemaUnreadable(ParameterInvalid):
    template = "the schema in the request cannot be read: {problem}: invalid parameter"


class SchemaNameDiffers(ParameterInvalid):
    template = (
        "collection name = {collection}, schema.Name={schema}: "
        "invalid parameter[expected=collection name matches schema name][actual=don't match]"
    )


class PartitionsWithoutKey(ParameterInvalid):
    template = "num_partitions should only be specified with partition key field enabled: invalid parameter"


class AliasNotFound(MilvusError):
    code = 1600
    input_error = True
    template = "alias not found[database={database}][alias={alias}]"


class AliasCollectionNameConflict(MilvusError):
    code = 1601
    template = "alias and collection name conflict[database={database}][alias={alias}]"


class CollectionNameIsAlias(AliasCollectionNameConflict):
    input_error = True
    template = "please choose a unique name: alias and collection name conflict[database={database}][alias={alias}]"


class AliasAlreadyExist(MilvusError):
    code = 1602
    template = (
        "{alias} is alias to another collection: {collection}: alias already exist[database={database}][alias={alias}]"
    )
