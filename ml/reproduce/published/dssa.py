"""Song, Yu, Song, Xiang, Hospedales, "Deep Spatial-Semantic Attention for Fine-Grained SBIR", ICCV 2017.

Of the main paper's figures, only those that later work cites are known here; the supplement's tables are complete.
"""

from ml.reports.published import DSSA, PUBLISHED
from ml.reproduce.published.table import Column, Table

_ACCURACY = (Column("acc@1", "acc@1"), Column("acc@10", "acc@10"))
MAIN = Table(
    name="dssa/main",
    title="Deep Spatial-Semantic Attention (ICCV 2017): shoes and chairs, as cited in later work",
    columns=_ACCURACY,
    rows={
        f"{dataset}: Full: Base + CFF + HOLEF": (row.acc_at_1, row.acc_at_10)
        for dataset, category in (("Shoe", "shoes"), ("Chair", "chairs"))
        for row in PUBLISHED["qmul-v1", category]
        if row.source == DSSA
    },
    note="Theirs starts from a network that is pre-trained on full ImageNet.",
)
_AMONG_ALL = (Column("acc@1", "acc@1_all"), Column("acc@10", "acc@10_all"))
_NOTE = (
    "Sketchy: theirs on 68,543 sketches and 1,250 test photos; ours on the subset of 25 photos per category."
)
TABLE_3 = Table(
    name="dssa/supplement-table-3",
    title="Deep Spatial-Semantic Attention, supplement, Table 3: published results on Sketchy",
    columns=_AMONG_ALL[:1],
    rows={
        "GN Triplet": (37.10,),
        "GN Siamese": (27.36,),
        "AN Siamese": (21.36,),
        "Our model": (43.03,),
        "Human": (54.27,),
    },
    note=_NOTE,
)
TABLE_4 = Table(
    name="dssa/supplement-table-4",
    title="Deep Spatial-Semantic Attention, supplement, Table 4: components on Sketchy",
    columns=_AMONG_ALL,
    rows={
        "Base": (40.85, 88.83),
        "Base + CFF": (42.68, 88.93),
        "Base + HOLEF": (41.25, 89.08),
        "Full: Base + CFF + HOLEF": (43.03, 88.89),
    },
    note=_NOTE,
)
TABLES = (MAIN, TABLE_3, TABLE_4)
