package resources

import (
	"testing"

	oci "github.com/opencontainers/runtime-spec/specs-go"
)

func TestRdma(t *testing.T) {
	r := oci.LinuxResources{Rdma: map[string]oci.LinuxRdma{
		"mlx5_1": {HcaHandles: ptr[uint32](3)},
		"mlx5_0": {HcaHandles: ptr[uint32](0), HcaObjects: ptr[uint32](1<<31 - 2)},
		"ocr%d":  {HcaObjects: ptr[uint32](1<<31 - 1)},
	}}
	for _, f := range []Facts{v1(), v2()} {
		compiles(t, r, f, `
rdma["mlx5_0"]: rdma rdma.max = "mlx5_0 hca_handle=0 hca_object=2147483646" or "mlx5_0 hca_handle=max hca_object=max"
rdma["mlx5_1"]: rdma rdma.max = "mlx5_1 hca_handle=3" or "mlx5_1 hca_handle=max hca_object=max"
rdma["ocr%d"]: rdma rdma.max = "ocr%d hca_object=max" or "ocr%d hca_handle=max hca_object=max"`)
	}
	refused(t, oci.LinuxResources{Rdma: map[string]oci.LinuxRdma{"ocr%d": {}}}, Facts{}, `
rdma["ocr%d"]: the controller rdma is not available here`)
}
